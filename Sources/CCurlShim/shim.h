// libcurl for Swift: one typed setter or getter for each option we use, because the variadic originals are not
// imported. No logic and no state.
#ifndef OLLAMA_PROXY_CCURLSHIM_H
#define OLLAMA_PROXY_CCURLSHIM_H

#include <curl/curl.h>

typedef size_t (*ccurl_data_callback)(char *bytes, size_t size, size_t count, void *context);
typedef int (*ccurl_seek_callback)(void *context, curl_off_t offset, int origin);
typedef int (*ccurl_socket_callback)(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context);
typedef int (*ccurl_timer_callback)(CURLM *multi, long timeout_milliseconds, void *context);

// Easy handles: strings are copied by libcurl, POSTFIELDS and the header list are not.
static inline CURLcode ccurl_set_url(CURL *easy, const char *url) {
    return curl_easy_setopt(easy, CURLOPT_URL, url);
}
// The parts are copied when the transfer connects, and again when it repeats that: they must outlive it.
static inline CURLcode ccurl_set_url_parts(CURL *easy, CURLU *parts) {
    return curl_easy_setopt(easy, CURLOPT_CURLU, parts);
}
static inline CURLcode ccurl_set_header_list(CURL *easy, struct curl_slist *headers) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}
static inline CURLcode ccurl_set_post(CURL *easy, const void *body, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (code != CURLE_OK) return code;
    code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) count);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
}
// A body that is read in pieces: all of it has to be given again from where libcurl asks for.
static inline CURLcode ccurl_set_post_in_pieces(
    CURL *easy, size_t count, ccurl_data_callback read, ccurl_seek_callback seek, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POST, 1L);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) count);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_READFUNCTION, read);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_READDATA, context);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, seek);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_SEEKDATA, context);
    return code;
}
static inline CURLcode ccurl_set_http_version_1_1(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
}
static inline CURLcode ccurl_set_no_signal(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}
static inline CURLcode ccurl_set_suppress_connect_headers(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}
static inline CURLcode ccurl_set_quick_exit(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}
static inline CURLcode ccurl_set_tcp_keep_alive(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
}
static inline CURLcode ccurl_set_connect_timeout(CURL *easy, long milliseconds) {
    return curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
}
static inline CURLcode ccurl_set_buffer_size(CURL *easy, long bytes) {
    return curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, bytes);
}
static inline CURLcode ccurl_set_upload_buffer_size(CURL *easy, long bytes) {
    return curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, bytes);
}
static inline CURLcode ccurl_set_dns_cache_timeout(CURL *easy, long seconds) {
    return curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, seconds);
}
static inline CURLcode ccurl_set_protocols(CURL *easy, const char *protocols) {
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
}
static inline CURLcode ccurl_set_ca_file(CURL *easy, const char *path) {
    return curl_easy_setopt(easy, CURLOPT_CAINFO, path);
}
static inline CURLcode ccurl_set_error_buffer(CURL *easy, char *buffer) {
    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, buffer);
}
static inline CURLcode ccurl_set_private(CURL *easy, void *context) {
    return curl_easy_setopt(easy, CURLOPT_PRIVATE, context);
}
static inline CURLcode ccurl_set_write(CURL *easy, ccurl_data_callback callback, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callback);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}
static inline CURLcode ccurl_set_header_callback(CURL *easy, ccurl_data_callback callback, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callback);
    if (code != CURLE_OK) return code;
    return curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}
static inline CURLcode ccurl_set_method(CURL *easy, const char *method) {
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}
static inline CURLcode ccurl_set_timeout(CURL *easy, long seconds) {
    return curl_easy_setopt(easy, CURLOPT_TIMEOUT, seconds);
}
static inline CURLcode ccurl_set_no_proxy(CURL *easy, const char *hosts) {
    return curl_easy_setopt(easy, CURLOPT_NOPROXY, hosts);
}
static inline CURLcode ccurl_set_share(CURL *easy, CURLSH *share) {
    return curl_easy_setopt(easy, CURLOPT_SHARE, share);
}
static inline long ccurl_response_status(CURL *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
// How many bytes of the request were sent, over all connections.
static inline long ccurl_request_size(CURL *easy) {
    long size = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &size);
    return size;
}
// How many bytes of the request's body were sent, on the connection that counts.
static inline long long ccurl_sent_body_bytes(CURL *easy) {
    curl_off_t count = 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &count);
    return count;
}
// How many connections the transfer had to open.
static inline long ccurl_opened_connections(CURL *easy) {
    long count = 0;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &count);
    return count;
}
// How many bytes of the reply's body have come.
static inline long long ccurl_received_bytes(CURL *easy) {
    curl_off_t count = 0;
    curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &count);
    return count;
}
static inline void *ccurl_private(CURL *easy) {
    char *context = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
    return context;
}

// The multi handle.
static inline CURLMcode ccurl_multi_set_socket_callback(CURLM *multi, ccurl_socket_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
    if (code != CURLM_OK) return code;
    return curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
}
static inline CURLMcode ccurl_multi_set_timer_callback(CURLM *multi, ccurl_timer_callback callback, void *context) {
    CURLMcode code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
    if (code != CURLM_OK) return code;
    return curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}
static inline CURLMcode ccurl_multi_set_max_connects(CURLM *multi, long count) {
    return curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, count);
}
static inline CURLMcode ccurl_multi_set_no_multiplexing(CURLM *multi) {
    return curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long) CURLPIPE_NOTHING);
}
static inline CURL *ccurl_message_easy(const CURLMsg *message) {
    return message->easy_handle;
}
static inline CURLcode ccurl_message_result(const CURLMsg *message) {
    return message->data.result;
}

// The share: one thread only, so no lock functions.
static inline CURLSHcode ccurl_share_tls_sessions(CURLSH *share) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

#endif
