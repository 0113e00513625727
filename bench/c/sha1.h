/* SHA-1 (RFC 3174) of a short text, in base64: the WebSocket handshake asks for it. */
#pragma once
#include <stdint.h>
#include <string.h>

static void sha1_block(uint32_t h[5], const unsigned char *block) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
#define ROLL(x, n) ((x) << (n) | (x) >> (32 - (n)))
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[i * 4] << 24 | block[i * 4 + 1] << 16 | block[i * 4 + 2] << 8 |
               block[i * 4 + 3];
    for (int i = 16; i < 80; i++) w[i] = ROLL(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                              : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t t = ROLL(a, 5) + f + e + w[i];
        e = d, d = c, c = ROLL(b, 30), b = a, a = t;
    }
#undef ROLL
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* The text has at most 119 bytes; out gets 28 characters and a NUL. */
static void sha1_base64(const char *text, char out[29]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    unsigned char block[128] = {0}, sum[21] = {0};
    size_t n = strlen(text), size = n < 56 ? 64 : 128;
    memcpy(block, text, n);
    block[n] = 0x80;
    block[size - 2] = n * 8 >> 8, block[size - 1] = n * 8;
    for (size_t at = 0; at < size; at += 64) sha1_block(h, block + at);
    for (int i = 0; i < 20; i++) sum[i] = h[i / 4] >> (24 - i % 4 * 8);
    for (int i = 0; i < 7; i++) {
        uint32_t three = sum[i * 3] << 16 | sum[i * 3 + 1] << 8 | sum[i * 3 + 2];
        for (int j = 0; j < 4; j++) out[i * 4 + j] = digits[three >> (18 - j * 6) & 63];
    }
    out[27] = '=', out[28] = 0;
}
