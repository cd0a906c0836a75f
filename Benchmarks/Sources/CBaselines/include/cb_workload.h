#ifndef CB_WORKLOAD_H
#define CB_WORKLOAD_H

#include <stdint.h>

// The workload every side receives: requests of 40 events, about 1,000 of them open at once,
// interleaved at random. The same seed, start and count give the same bytes on every machine of the
// same byte order.

enum {
    CB_RECORD_BYTE_COUNT = 183,
    CB_HEADER_BYTE_COUNT = 64,
    CB_EVENTS_PER_REQUEST = 40,
    CB_OPEN_REQUEST_COUNT_MAX = 1000,
    // One length byte and up to 31 bytes of text.
    CB_ID_STRIDE = 32,
    CB_EVENT_TYPE_COUNT = 38,
    CB_STAGE_COUNT = 11,
    CB_STATUS_COUNT = 5,
    CB_TENANT_COUNT = 4,
    // Of request ids there are 99,999 for each of the days 25 to 99.
    CB_EVENT_COUNT_MAX = 299997000,
};

enum {
    CB_STATUS_STARTED,
    CB_STATUS_COMPLETED,
    CB_STATUS_FAILED,
    CB_STATUS_SKIPPED,
    CB_STATUS_RETRY_SCHEDULED,
};

// The first 64 bytes of every record; the only part the fold reads.
typedef struct {
    uint64_t stream;    // request number by arrival, from 1
    uint64_t sequence;  // within the request, from 1
    int64_t recorded_at_ns;
    int64_t retry_at_ns;  // 0 when no retry is scheduled
    uint32_t duration_ms;
    uint32_t attempt;
    uint16_t event_type;
    uint8_t stage;
    uint8_t status;
    uint8_t tenant;
    uint8_t reserved[19];
} cb_header;

// The other 119 bytes: five texts of fixed length, which the SQL side stores as columns.
enum {
    CB_REQUEST_ID_OFFSET = 64,
    CB_REQUEST_ID_LENGTH = 26,
    CB_WORKER_OFFSET = 90,
    CB_WORKER_LENGTH = 32,
    CB_SERVICE_OFFSET = 122,
    CB_SERVICE_LENGTH = 21,
    CB_REFERENCE_OFFSET = 143,
    CB_REFERENCE_LENGTH = 24,
    CB_MESSAGE_OFFSET = 167,
    CB_MESSAGE_LENGTH = 16,
};

// A view of memory the caller owns: `count` records, and their ids in two variants. `start` events
// come before them in the store, of earlier blocks.
typedef struct {
    const uint8_t *records;      // CB_RECORD_BYTE_COUNT each
    const uint8_t *ordered_ids;  // CB_ID_STRIDE each; `PAGW-20251225-00001-ABC123/17`
    const uint8_t *random_ids;   // CB_ID_STRIDE each; 21 random characters
    uint64_t start;
    uint64_t count;
} cb_workload;

// Fills the three buffers with the block behind the first `start` events. All its requests begin
// and end in it. `start` and `count` are multiples of CB_EVENTS_PER_REQUEST, together at most
// CB_EVENT_COUNT_MAX.
void cb_workload_fill(
    uint64_t seed, uint64_t start, uint64_t count, uint8_t *records, uint8_t *ordered_ids,
    uint8_t *random_ids);

// The request id of a stream, CB_REQUEST_ID_LENGTH bytes without a terminator, and back.
void cb_request_id(uint64_t stream, char *text);
uint64_t cb_request_stream(const char *text);

const char *cb_event_type_name(uint16_t event_type);
const char *cb_stage_name(uint8_t stage);
const char *cb_status_name(uint8_t status);
const char *cb_tenant_name(uint8_t tenant);
uint8_t cb_event_type_stage(uint16_t event_type);

// The index of a name, found by its text alone, as a reader of SQL rows must.
uint16_t cb_event_type_index(const char *name);
uint8_t cb_stage_index(const char *name);
uint8_t cb_status_index(const char *name);
uint8_t cb_tenant_index(const char *name);

#endif
