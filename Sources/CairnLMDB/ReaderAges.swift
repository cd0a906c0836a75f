internal import CairnJournal
internal import Glibc

/// How long views of other processes have kept the file from using pages again, as far as a
/// writer saw at its looks: LMDB does not say when a view began.
struct ReaderAges {
    private var firstSeen: [Environment.OpenView: MonotonicInstant] = [:]

    /// Looks once more.
    mutating func look(at environment: Environment, now: MonotonicInstant) -> ReaderFacts {
        let last = environment.lastTransactionID
        var views: [Environment.OpenView: MonotonicInstant] = [:]
        // A view that begins now is one of the newest state, so one that is behind and was seen
        // before is the same one, or was followed by another of its process without a pause.
        for view in environment.viewsOfOthers where view.transactionID < last {
            views[view] = firstSeen[view] ?? now
        }
        firstSeen = views
        let oldest = views.values.min() ?? now
        return ReaderFacts(
            viewCount: views.count,
            oldestNanoseconds: Int64(clamping: now.nanoseconds - oldest.nanoseconds)
        )
    }
}

extension Environment {
    /// A view that a process holds open.
    struct OpenView: Hashable {
        let processID: Int32
        /// The transaction whose state the view shows.
        let transactionID: UInt64
    }

    /// The views that other processes hold open right now.
    var viewsOfOthers: [OpenView] {
        readerTable().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count == 3, let process = Int32(fields[0]), process != getpid(),
                let transaction = UInt64(fields[2])
            else { return nil }
            return OpenView(processID: process, transactionID: transaction)
        }
    }
}
