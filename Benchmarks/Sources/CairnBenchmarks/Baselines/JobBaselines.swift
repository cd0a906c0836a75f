import CBaselines
import GRDB

/// Raw LMDB in C: a tree of keys, and one commit for the steps of all items together.
struct LMDBJobBaseline: JobSubject {
    let name = "lmdb-c"

    func fill(_ batch: Batch, in directory: String) throws {
        _ = try Outcome(batch.withCBatch { cb_lmdb_keys_fill($0, directory) })
    }

    func checkKeys(_ batch: Batch, _ order: [UInt32], in directory: String) throws -> Outcome {
        try Outcome(
            batch.withCBatch { cb_lmdb_keys_check($0, directory, order, UInt64(order.count)) }
        )
    }

    func checkRanges(_ batch: Batch, length: Int, in directory: String) throws -> Outcome {
        try Outcome(batch.withCBatch { cb_lmdb_keys_ranges($0, directory, UInt64(length)) })
    }

    func resume(_ batch: Batch, in directory: String) throws -> Outcome {
        try Outcome(batch.withCBatch { cb_lmdb_resume($0, directory) })
    }

    func steps(_ load: StepLoad, in directory: String) throws -> Outcome {
        try Outcome.ofSingles(count: load.totalCount) { latencies in
            cb_lmdb_steps(
                directory,
                UInt64(load.itemCount),
                UInt64(load.stepCount),
                UInt64(load.itemCount),
                latencies
            )
        }
    }
}

/// PostgreSQL with prepared statements through libpq; it keeps its tables itself.
struct PostgresJobBaseline: JobSubject {
    let name = PostgresBaseline.sideName

    func fill(_ batch: Batch, in directory: String) throws {
        _ = try Outcome(batch.withCBatch { cb_postgres_keys_fill($0) })
    }

    func checkKeys(_ batch: Batch, _ order: [UInt32], in directory: String) throws -> Outcome {
        try Outcome(batch.withCBatch { cb_postgres_keys_check($0, order, UInt64(order.count)) })
    }

    func checkRanges(_ batch: Batch, length: Int, in directory: String) throws -> Outcome {
        try Outcome(batch.withCBatch { cb_postgres_keys_ranges($0, UInt64(length)) })
    }

    func resume(_ batch: Batch, in directory: String) throws -> Outcome {
        try Outcome(batch.withCBatch { cb_postgres_resume($0) })
    }

    func steps(_ load: StepLoad, in directory: String) throws -> Outcome {
        try Outcome.ofSingles(count: load.totalCount) {
            cb_postgres_steps(UInt64(load.itemCount), UInt64(load.stepCount), $0)
        }
    }
}

/// SQLite through GRDB, as a Swift program would keep the same: WAL with synchronous=FULL.
struct GRDBJobBaseline: JobSubject {
    let name = "grdb"

    private func open(_ directory: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: directory + "/jobs.sqlite")
        // A pool begins with synchronous=NORMAL, under which a commit may be lost with the power.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try pool.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS keys (
                        idempotency_key TEXT PRIMARY KEY NOT NULL,
                        status TEXT NOT NULL, digest TEXT NOT NULL
                    ) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS steps (
                        item INTEGER NOT NULL, step INTEGER NOT NULL,
                        name TEXT NOT NULL, result INTEGER NOT NULL,
                        PRIMARY KEY (item, step)
                    ) WITHOUT ROWID;
                    """
            )
        }
        return pool
    }

    private static func insert(_ key: String, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO keys VALUES (?, 'SENT', '0')"
        )
        try statement.execute(arguments: [key])
    }

    func fill(_ batch: Batch, in directory: String) async throws {
        let pool = try open(directory)
        try await pool.write { database in
            for message in batch.messages[..<batch.doneCount] {
                try Self.insert(message.key, database)
            }
        }
        try pool.close()
    }

    private static func isDone(_ key: String, _ database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT status FROM keys WHERE idempotency_key = ?"
        )
        return try String.fetchOne(statement, arguments: [key]) == "SENT"
    }

    func checkKeys(
        _ batch: Batch,
        _ order: [UInt32],
        in directory: String
    ) async throws -> Outcome {
        let pool = try open(directory)
        let clock = ContinuousClock()
        let began = clock.now
        let hash = try await pool.read { database in
            var hash: UInt64 = 0
            for index in order {
                let key = batch.messages[Int(index)].key
                if try Self.isDone(key, database) { hash &+= Batch.hash(of: key) }
            }
            return hash
        }
        let seconds = (clock.now - began) / .seconds(1)
        try pool.close()
        return Outcome(eventCount: order.count, seconds: seconds, hash: hash)
    }

    func checkRanges(
        _ batch: Batch,
        length: Int,
        in directory: String
    ) async throws -> Outcome {
        let pool = try open(directory)
        let clock = ContinuousClock()
        let began = clock.now
        let hash = try await pool.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT idempotency_key FROM keys
                    WHERE idempotency_key BETWEEN ? AND ? AND status = 'SENT'
                    """
            )
            var hash: UInt64 = 0
            for first in stride(from: 0, to: batch.messages.count, by: length) {
                let last = min(first + length, batch.messages.count) - 1
                let arguments: StatementArguments =
                    [batch.messages[first].key, batch.messages[last].key]
                let keys = try String.fetchCursor(statement, arguments: arguments)
                while let key = try keys.next() { hash &+= Batch.hash(of: key) }
            }
            return hash
        }
        let seconds = (clock.now - began) / .seconds(1)
        try pool.close()
        return Outcome(eventCount: batch.messages.count, seconds: seconds, hash: hash)
    }

    func resume(_ batch: Batch, in directory: String) async throws -> Outcome {
        let clock = ContinuousClock()
        let began = clock.now
        let pool = try open(directory)
        let doneCount = try await pool.read { database in
            try batch.messages.firstIndex { try !Self.isDone($0.key, database) }
        }
        guard let doneCount else { throw BenchmarkError.storeIsEmpty }
        try await pool.write { try Self.insert(batch.messages[doneCount].key, $0) }
        let seconds = (clock.now - began) / .seconds(1)
        try pool.close()
        return Outcome(
            eventCount: doneCount,
            seconds: seconds,
            hash: batch.resumeHash(doneCount: doneCount, first: batch.messages[doneCount])
        )
    }

    func steps(_ load: StepLoad, in directory: String) async throws -> Outcome {
        let pool = try open(directory)
        let clock = ContinuousClock()
        let began = clock.now
        let waits = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for item in 0..<load.itemCount {
                group.addTask {
                    var waits: [Duration] = []
                    for step in 0..<load.stepCount {
                        let asked = clock.now
                        try await pool.write { database in
                            let statement = try database.cachedStatement(
                                sql: "INSERT INTO steps VALUES (?, ?, 'step', ?)"
                            )
                            try statement.execute(arguments: [item, step, step])
                        }
                        waits.append(clock.now - asked)
                    }
                    return waits
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = (clock.now - began) / .seconds(1)
        let hash = try await pool.read { database in
            var hash: UInt64 = 0
            for row in try GRDB.Row.fetchAll(database, sql: "SELECT item, step, result FROM steps")
            {
                hash &+= cb_step_hash(row[0], row[1], row[2])
            }
            return hash
        }
        try pool.close()
        return Outcome(
            eventCount: load.totalCount,
            seconds: seconds,
            latenciesNanoseconds: waits.map { UInt64($0 / .nanoseconds(1)) },
            hash: hash
        )
    }
}
