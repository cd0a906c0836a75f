import CBaselines
import GRDB

/// SQLite through GRDB, as a Swift program would keep the events: the table and the durability of
/// ``SQLiteBaseline``, statements that are prepared once, and texts that are strings.
struct GRDBBaseline: BenchmarkSubject {
    static let sideName = "grdb"
    let name = Self.sideName

    private static let insertion = """
        INSERT INTO event_tracker (tenant, pagw_id, stage, event_type, status, sequence_no, attempt,
          retryable, next_retry_at, external_reference, duration_ms, error_message, worker_id,
          service_name, started_at, completed_at, created_at)
        VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
        """

    private static func open(_ directory: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: directory + "/events.sqlite")
        // A pool begins with synchronous=NORMAL, under which a commit may be lost with the power.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    func append(
        _ plan: AppendPlan,
        of workload: Workload,
        in directory: String
    ) async throws -> Outcome {
        let code = cb_sqlite_create(directory)
        guard code == 0 else {
            throw BenchmarkError.baseline(call: "cb_sqlite_create", code: code)
        }
        let pool = try Self.open(directory)
        var start = 0
        func write(upTo end: Int) async throws {
            let range = start..<end
            try await pool.write { database in
                let statement = try database.cachedStatement(sql: Self.insertion)
                for index in range {
                    try statement.execute(arguments: Self.arguments(index, of: workload))
                }
            }
            start = end
        }
        while start < plan.preloadedCount {
            try await write(upTo: min(start + 10_000, plan.preloadedCount))
        }
        var latencies: [UInt64] = []
        latencies.reserveCapacity(plan.commitCount)
        let clock = ContinuousClock()
        let began = clock.now
        var last = began
        while start < plan.totalCount {
            try await write(upTo: min(start + plan.eventsPerCommit, plan.totalCount))
            let now = clock.now
            latencies.append(UInt64((now - last) / .nanoseconds(1)))
            last = now
        }
        let seconds = (last - began) / .seconds(1)
        try pool.close()
        let contents = try Outcome(cb_sqlite_contents(directory, UInt64(plan.totalCount)))
        return Outcome(
            eventCount: plan.measuredCount,
            seconds: seconds,
            latenciesNanoseconds: latencies,
            hash: contents.hash
        )
    }

    private static func arguments(_ index: Int, of workload: Workload) -> StatementArguments {
        let header = workload.header(at: index)
        func part(_ offset: Int, _ length: Int) -> String {
            workload.withRecord(at: index) {
                String(decoding: $0[offset..<offset + length], as: UTF8.self)
            }
        }
        let created = header.recorded_at_ns
        let retry: Int64? = header.retry_at_ns == 0 ? nil : header.retry_at_ns
        let isCompleted = Int(header.status) == CB_STATUS_COMPLETED
        return [
            String(cString: cb_tenant_name(header.tenant)),
            part(CB_REQUEST_ID_OFFSET, CB_REQUEST_ID_LENGTH),
            String(cString: cb_stage_name(header.stage)),
            String(cString: cb_event_type_name(header.event_type)),
            String(cString: cb_status_name(header.status)),
            Int64(header.sequence), Int64(header.attempt), retry != nil, retry,
            part(CB_REFERENCE_OFFSET, CB_REFERENCE_LENGTH), Int64(header.duration_ms),
            part(CB_MESSAGE_OFFSET, CB_MESSAGE_LENGTH), part(CB_WORKER_OFFSET, CB_WORKER_LENGTH),
            part(CB_SERVICE_OFFSET, CB_SERVICE_LENGTH),
            created - Int64(header.duration_ms) * 1_000_000, isCompleted ? created : nil, created,
        ]
    }

    func appendConcurrently(
        count: Int,
        callerCount: Int,
        of workload: Workload,
        in directory: String
    ) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "appends by several callers")
    }

    func replay(in directory: String) async throws -> Outcome {
        let pool = try Self.open(directory)
        let clock = ContinuousClock()
        let began = clock.now
        let (count, hash) = try await pool.read { database in
            let fold = cb_fold_create()
            defer { cb_fold_destroy(fold) }
            var count = 0
            let rows = try GRDB.Row.fetchCursor(
                database,
                sql: """
                    SELECT pagw_id, tenant, stage, event_type, status, sequence_no, attempt,
                      next_retry_at, duration_ms, created_at
                    FROM event_tracker ORDER BY id
                    """
            )
            while let row = try rows.next() {
                var header = Self.header(row)
                cb_fold_apply(fold, &header)
                count += 1
            }
            return (count, cb_fold_hash(fold))
        }
        let seconds = (clock.now - began) / .seconds(1)
        try pool.close()
        return Outcome(eventCount: count, seconds: seconds, hash: hash)
    }

    private static func header(_ row: GRDB.Row) -> cb_header {
        var header = cb_header()
        header.stream = cb_request_stream(row[0] as String)
        header.tenant = cb_tenant_index(row[1] as String)
        header.stage = cb_stage_index(row[2] as String)
        header.event_type = cb_event_type_index(row[3] as String)
        header.status = cb_status_index(row[4] as String)
        header.sequence = row[5]
        header.attempt = row[6]
        header.retry_at_ns = row[7] as Int64? ?? 0
        header.duration_ms = row[8]
        header.recorded_at_ns = row[9]
        return header
    }

    func timelines(of streams: [UInt64], in directory: String) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "timeline row")
    }

    func open(in directory: String) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "open row")
    }
}
