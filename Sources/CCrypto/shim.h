#ifndef CAIRN_CCRYPTO_SHIM_H
#define CAIRN_CCRYPTO_SHIM_H

/* SHA-256 over a context of the caller's own: OpenSSL 3 calls it deprecated in favour of one that
   it allocates for each digest, and there is one digest for each event. LibreSSL, BoringSSL and
   AWS-LC have the same functions. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/hmac.h>
#include <openssl/sha.h>

#endif
