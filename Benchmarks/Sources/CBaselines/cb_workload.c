#include "cb_workload.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cb_hash.h"

_Static_assert(sizeof(cb_header) == CB_HEADER_BYTE_COUNT, "the header is a stored layout");
_Static_assert(
    CB_MESSAGE_OFFSET + CB_MESSAGE_LENGTH == CB_RECORD_BYTE_COUNT, "the texts fill the record");

enum { REQUESTS_PER_DAY = 99999 };

static const int64_t first_recorded_at_ns = 1766620800000000000;  // 2025-12-25T00:00:00Z
// Times are whole microseconds, as the original table keeps them.
static const int64_t interval_ns = 1000000;
static const int64_t retry_delay_ns = 30000000000;

// Copies a text that is known to have exactly `length` bytes.
static void put_text(uint8_t *destination, const char *text, size_t length) {
    assert(strlen(text) == length);
    memcpy(destination, text, length);
}

void cb_request_id(uint64_t stream, char *text) {
    uint64_t random = cb_mix(stream);
    unsigned letters = (unsigned)(random % 17576);
    char buffer[64];
    snprintf(
        buffer, sizeof buffer, "PAGW-202512%02u-%05u-%c%c%c%03u",
        (unsigned)(25 + (stream - 1) / REQUESTS_PER_DAY),
        (unsigned)((stream - 1) % REQUESTS_PER_DAY + 1), (char)('A' + letters % 26),
        (char)('A' + letters / 26 % 26), (char)('A' + letters / 676),
        (unsigned)((random >> 32) % 1000));
    memcpy(text, buffer, CB_REQUEST_ID_LENGTH);
}

uint64_t cb_request_stream(const char *text) {
    uint64_t day = (uint64_t)(text[11] - '0') * 10 + (uint64_t)(text[12] - '0') - 25;
    uint64_t number = 0;
    for (int index = 14; index < 19; index++) number = number * 10 + (uint64_t)(text[index] - '0');
    return day * REQUESTS_PER_DAY + number;
}

static uint8_t status_of(uint16_t event_type, uint64_t random) {
    const char *name = cb_event_type_name(event_type);
    const char *suffix = strrchr(name, '_') + 1;
    if (strcmp(suffix, "OK") == 0 || strcmp(suffix, "COMPLETE") == 0) {
        return random % 32 == 0 ? CB_STATUS_SKIPPED : CB_STATUS_COMPLETED;
    }
    if (strcmp(suffix, "START") == 0 || strcmp(suffix, "RECEIVED") == 0) {
        return CB_STATUS_STARTED;
    }
    return random % 4 == 0 ? CB_STATUS_RETRY_SCHEDULED : CB_STATUS_FAILED;
}

// Requests walk through all event types in order; every fourth event is out of line, as retries
// and callbacks are.
static cb_header make_header(uint64_t index, uint64_t stream, uint64_t sequence, uint64_t random) {
    uint64_t in_line = (sequence - 1) * CB_EVENT_TYPE_COUNT / CB_EVENTS_PER_REQUEST;
    uint64_t event_type = random % 4 == 0 ? (random >> 8) % CB_EVENT_TYPE_COUNT : in_line;
    cb_header header = {
        .stream = stream,
        .sequence = sequence,
        .recorded_at_ns = first_recorded_at_ns + (int64_t)index * interval_ns
            + (int64_t)((random >> 16) % 1000) * 1000,
        .duration_ms = (uint32_t)((random >> 24) % 4000),
        .attempt = 1,
        .event_type = (uint16_t)event_type,
        .stage = cb_event_type_stage((uint16_t)event_type),
        .status = status_of((uint16_t)event_type, random >> 40),
        .tenant = (uint8_t)(stream % CB_TENANT_COUNT),
    };
    if (header.status == CB_STATUS_RETRY_SCHEDULED) {
        header.retry_at_ns = header.recorded_at_ns + retry_delay_ns;
        header.attempt = 1 + (uint32_t)((random >> 48) % 3);
    }
    return header;
}

static void fill_record(uint8_t *record, const cb_header *header, uint64_t random) {
    memcpy(record, header, sizeof *header);
    cb_request_id(header->stream, (char *)record + CB_REQUEST_ID_OFFSET);
    char text[64];
    snprintf(text, sizeof text, "pagw-worker-%02u-7d9f8c6b54-x2kq9a", (unsigned)(random % 16));
    put_text(record + CB_WORKER_OFFSET, text, CB_WORKER_LENGTH);
    snprintf(text, sizeof text, "pagw-stage-service-%02u", header->stage);
    put_text(record + CB_SERVICE_OFFSET, text, CB_SERVICE_LENGTH);
    snprintf(
        text, sizeof text, "ext-%016llx%04x", (unsigned long long)cb_mix(random),
        (unsigned)(random >> 48));
    put_text(record + CB_REFERENCE_OFFSET, text, CB_REFERENCE_LENGTH);
    snprintf(text, sizeof text, "detail-%09u", (unsigned)((random >> 8) % 1000000000));
    put_text(record + CB_MESSAGE_OFFSET, text, CB_MESSAGE_LENGTH);
}

static void fill_ordered_id(uint8_t *id, const uint8_t *record, uint64_t sequence) {
    memcpy(id + 1, record + CB_REQUEST_ID_OFFSET, CB_REQUEST_ID_LENGTH);
    int length = snprintf(
        (char *)id + 1 + CB_REQUEST_ID_LENGTH, CB_ID_STRIDE - 1 - CB_REQUEST_ID_LENGTH, "/%u",
        (unsigned)sequence);
    id[0] = (uint8_t)(CB_REQUEST_ID_LENGTH + length);
}

static void fill_random_id(uint8_t *id, uint64_t *generator) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    id[0] = 21;
    uint64_t random = 0;
    for (int index = 0; index < 21; index++) {
        if (index % 10 == 0) random = cb_next(generator);
        id[1 + index] = (uint8_t)alphabet[random % 64];
        random /= 64;
    }
}

void cb_workload_fill(
    uint64_t seed, uint64_t start, uint64_t count, uint8_t *records, uint8_t *ordered_ids,
    uint8_t *random_ids) {
    assert(start % CB_EVENTS_PER_REQUEST == 0 && count % CB_EVENTS_PER_REQUEST == 0);
    assert(start + count <= CB_EVENT_COUNT_MAX);
    struct { uint64_t stream, sequence; } open[CB_OPEN_REQUEST_COUNT_MAX];
    uint64_t arrived_count = start / CB_EVENTS_PER_REQUEST;
    const uint64_t request_count = (start + count) / CB_EVENTS_PER_REQUEST;
    // The first block's generator begins at the seed itself.
    uint64_t open_count = 0, generator = seed ^ cb_mix(start);
    for (uint64_t index = 0; index < count; index++) {
        while (open_count < CB_OPEN_REQUEST_COUNT_MAX && arrived_count < request_count) {
            open[open_count].stream = ++arrived_count;
            open[open_count].sequence = 0;
            open_count++;
        }
        uint64_t slot = cb_next(&generator) % open_count;
        uint64_t random = cb_next(&generator);
        uint64_t sequence = ++open[slot].sequence;
        cb_header header = make_header(start + index, open[slot].stream, sequence, random);
        uint8_t *record = records + index * CB_RECORD_BYTE_COUNT;
        fill_record(record, &header, cb_mix(random));
        memset(ordered_ids + index * CB_ID_STRIDE, 0, CB_ID_STRIDE);
        memset(random_ids + index * CB_ID_STRIDE, 0, CB_ID_STRIDE);
        fill_ordered_id(ordered_ids + index * CB_ID_STRIDE, record, sequence);
        fill_random_id(random_ids + index * CB_ID_STRIDE, &generator);
        if (sequence == CB_EVENTS_PER_REQUEST) open[slot] = open[--open_count];
    }
}
