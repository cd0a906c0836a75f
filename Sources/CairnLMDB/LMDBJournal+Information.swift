public import CairnCore
public import CairnJournal
internal import Glibc

/// The size of a journal, and who reads it.
public struct JournalInformation: Hashable, Sendable {
    /// One table of the data file.
    public struct TableSize: Hashable, Sendable {
        public let name: String
        public let entryCount: Int
        public let byteCount: Int
    }

    /// A view that some process holds open right now.
    public struct Reader: Hashable, Sendable {
        public let processID: Int32
        /// The transaction whose state the view shows.
        public let transactionID: UInt64
        /// Whether newer transactions exist, so that the view keeps the file from reusing pages.
        public let isBehind: Bool
        /// How long its process has been running: the view is at most that old.
        public let ageSecondsMax: Double?
    }

    public let eventCount: UInt64
    public let streamCount: UInt64
    public let lastPosition: Position
    public let lastRecordedAt: Timestamp?
    /// The index tables are complete up to here.
    public let indexedPosition: Position
    /// The size of the data file in bytes.
    public let byteCount: Int
    public let mapByteCount: Int
    public let tables: [TableSize]
    /// The views of other processes.
    public let readers: [Reader]
    public let runningHash: RunningHash
}

extension LMDBJournal {
    /// Says how large the journal is and who reads it.
    public func information() throws(JournalError) -> JournalInformation {
        try requireOpen()
        let environment = core.environment
        return try core.read { transaction, head, view throws(JournalError) in
            let overall = environment.information()
            var tables: [JournalInformation.TableSize] = []
            for table in Table.allCases {
                let size = try transaction.size(table)
                tables.append(
                    JournalInformation.TableSize(
                        name: table.name ?? "main",
                        entryCount: size.entryCount,
                        // A record may say anything.
                        byteCount: min(size.pageCount, overall.lastPage + 1)
                            * overall.pageByteCount
                    )
                )
            }
            let stored = try transaction.size(.stream).entryCount
            let indexTables = IndexTables(transaction: transaction)
            let born = core.tail.monitor.withLock {
                view.segments.flatMap { $0.born.names(upTo: view.last) }
            }
            var streamCount = UInt64(stored)
            for name in born where try indexTables.number(ofName: name) == nil { streamCount += 1 }
            return JournalInformation(
                eventCount: head.lastPosition.rawValue + 1 - head.firstRetainedPosition.rawValue,
                streamCount: streamCount,
                lastPosition: head.lastPosition,
                lastRecordedAt: head.lastPosition == .zero ? nil : head.lastRecordedAt,
                indexedPosition: head.indexedPosition,
                byteCount: environment.fileByteCount ?? 0,
                mapByteCount: overall.mapByteCount,
                tables: tables,
                readers: Self.readers(environment, last: overall.lastTransactionID),
                runningHash: head.runningHash
            )
        }
    }

    private static func readers(
        _ environment: Environment,
        last: UInt64
    ) -> [JournalInformation.Reader] {
        environment.viewsOfOthers.map { view in
            JournalInformation.Reader(
                processID: view.processID,
                transactionID: view.transactionID,
                isBehind: view.transactionID < last,
                ageSecondsMax: secondsSinceStart(ofProcess: view.processID)
            )
        }
    }

    /// Clock ticks since boot at which a process began, taken from the boot clock.
    private static func secondsSinceStart(ofProcess process: Int32) -> Double? {
        guard let file = unsafe fopen("/proc/\(process)/stat", "r") else { return nil }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 1_024)
        guard unsafe fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The command's name may hold spaces; what follows its bracket does not.
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19, let ticks = Double(fields[19]) else { return nil }
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        let now = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        return max(0, now - ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
    }
}
