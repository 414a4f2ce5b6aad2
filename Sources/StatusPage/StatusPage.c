#include "StatusPage.h"

// The compiler rebuilds this whenever one of the files has changed. To the browser the script is one file.
static const uint8_t html[] = {
#embed "page.html"
};

static const uint8_t style[] = {
#embed "style.css"
};

static const uint8_t script[] = {
#embed "basics.js"
    ,
#embed "state.js"
    ,
#embed "history.js"
    ,
#embed "trial.js"
    ,
#embed "updates.js"
};

const uint8_t *status_page_html(void) { return html; }
size_t status_page_html_size(void) { return sizeof html; }
const uint8_t *status_page_style(void) { return style; }
size_t status_page_style_size(void) { return sizeof style; }
const uint8_t *status_page_script(void) { return script; }
size_t status_page_script_size(void) { return sizeof script; }
