// The status page's files, as they lie beside this folder, made part of the executable.
#ifndef OLLAMA_PROXY_STATUS_PAGE_H
#define OLLAMA_PROXY_STATUS_PAGE_H

#include <stddef.h>
#include <stdint.h>

const uint8_t *_Nonnull status_page_html(void);
size_t status_page_html_size(void);
const uint8_t *_Nonnull status_page_style(void);
size_t status_page_style_size(void);
const uint8_t *_Nonnull status_page_script(void);
size_t status_page_script_size(void);

#endif
