/* Is linked with OpenSSL, which has a path of its own. */
#include <openssl/ssl.h>

int main(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    return context == NULL || SSL_CTX_set_default_verify_paths(context) != 1;
}
