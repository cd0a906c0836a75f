#include <string.h>

#include "cb_hash.h"
#include "cb_workload.h"

static const char *const stage_names[CB_STAGE_COUNT] = {
    "ORCHESTRATION", "PARSING",          "VALIDATION",       "ENRICHMENT",
    "ATTACHMENT",    "CONVERSION",       "API_CONNECTOR",    "RESPONSE_BUILDER",
    "CALLBACK_HANDLER", "SUBSCRIPTION_HANDLER", "OUTBOX_PUBLISHER",
};

static const char *const status_names[CB_STATUS_COUNT] = {
    "STARTED", "COMPLETED", "FAILED", "SKIPPED", "RETRY_SCHEDULED",
};

static const char *const tenant_names[CB_TENANT_COUNT] = {
    "anthem", "carelon", "northwind", "lakeside",
};

static const struct {
    const char *name;
    uint8_t stage;
} event_types[CB_EVENT_TYPE_COUNT] = {
    {"REQUEST_RECEIVED", 0},   {"WORKFLOW_START", 0},   {"WORKFLOW_COMPLETE", 0},
    {"PARSE_START", 1},        {"PARSE_OK", 1},         {"PARSE_FAIL", 1},
    {"VAL_START", 2},          {"VAL_OK", 2},           {"VAL_FAIL", 2},
    {"ENRICH_START", 3},       {"ENRICH_OK", 3},        {"ENRICH_FAIL", 3},
    {"ATTACH_START", 4},       {"ATTACH_OK", 4},        {"ATTACH_FAIL", 4},
    {"CDEX_PULL_START", 4},    {"CDEX_PULL_OK", 4},     {"CDEX_PULL_FAIL", 4},
    {"CONVERT_START", 5},      {"CONVERT_OK", 5},       {"CONVERT_FAIL", 5},
    {"DOWNSTREAM_START", 6},   {"DOWNSTREAM_OK", 6},    {"DOWNSTREAM_FAIL", 6},
    {"DOWNSTREAM_TIMEOUT", 6}, {"DOWNSTREAM_ERROR", 6}, {"RESPONSE_START", 7},
    {"RESPONSE_OK", 7},        {"RESPONSE_FAIL", 7},    {"CALLBACK_START", 8},
    {"CALLBACK_OK", 8},        {"CALLBACK_FAIL", 8},    {"NOTIFY_START", 9},
    {"NOTIFY_OK", 9},          {"NOTIFY_FAIL", 9},      {"PUBLISH_START", 10},
    {"PUBLISH_OK", 10},        {"PUBLISH_FAIL", 10},
};

const char *cb_event_type_name(uint16_t event_type) { return event_types[event_type].name; }
const char *cb_stage_name(uint8_t stage) { return stage_names[stage]; }
const char *cb_status_name(uint8_t status) { return status_names[status]; }
const char *cb_tenant_name(uint8_t tenant) { return tenant_names[tenant]; }
uint8_t cb_event_type_stage(uint16_t event_type) { return event_types[event_type].stage; }

// A name's slot in the table of event types. Names are found by hashing, so that the SQL fold is
// not charged for 38 string comparisons an event.
enum { TABLE_SLOT_COUNT = 128 };

static uint64_t name_slot(const char *name) {
    uint64_t hash = 0;
    for (; *name != 0; name++) hash = hash * 31 + (uint8_t)*name;
    return cb_mix(hash) % TABLE_SLOT_COUNT;
}

static uint16_t event_type_table[TABLE_SLOT_COUNT];

__attribute__((constructor)) static void fill_event_type_table(void) {
    memset(event_type_table, 0xff, sizeof event_type_table);
    for (uint16_t index = 0; index < CB_EVENT_TYPE_COUNT; index++) {
        uint64_t slot = name_slot(event_types[index].name);
        while (event_type_table[slot] != UINT16_MAX) slot = (slot + 1) % TABLE_SLOT_COUNT;
        event_type_table[slot] = index;
    }
}

uint16_t cb_event_type_index(const char *name) {
    uint64_t slot = name_slot(name);
    while (event_type_table[slot] != UINT16_MAX) {
        uint16_t index = event_type_table[slot];
        if (strcmp(event_types[index].name, name) == 0) return index;
        slot = (slot + 1) % TABLE_SLOT_COUNT;
    }
    return UINT16_MAX;
}

static uint8_t index_of(const char *name, const char *const *names, uint8_t count) {
    for (uint8_t index = 0; index < count; index++) {
        if (strcmp(names[index], name) == 0) return index;
    }
    return UINT8_MAX;
}

uint8_t cb_stage_index(const char *name) { return index_of(name, stage_names, CB_STAGE_COUNT); }
uint8_t cb_status_index(const char *name) { return index_of(name, status_names, CB_STATUS_COUNT); }
uint8_t cb_tenant_index(const char *name) { return index_of(name, tenant_names, CB_TENANT_COUNT); }
