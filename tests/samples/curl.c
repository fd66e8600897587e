/* Is linked with libcurl, which trusts what it was built with. */
#include <curl/curl.h>

int main(void) {
    CURL *handle = curl_easy_init();
    return handle == NULL || curl_easy_setopt(handle, CURLOPT_URL, "https://localhost:1/") != CURLE_OK;
}
