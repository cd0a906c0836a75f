#ifndef CBASELINES_H
#define CBASELINES_H

#include "cb_fold.h"
#include "cb_jobs.h"
#include "cb_lmdb.h"
#include "cb_loops.h"
#include "cb_machine.h"
#include "cb_postgres.h"
#include "cb_result.h"
#include "cb_rocksdb.h"
#include "cb_sqlite.h"
#include "cb_workload.h"

#endif
