/// Whether a request has ended: the same for every order in which its rows come.
///
/// Rows of terminal types end a request; rows that begin something, and may not come at any time,
/// reopen it. It has ended if the last of them, in the order of the source, ends it.
struct PipelineEnding: Hashable, Sendable {
    var firstEnd: PipelineOrder?
    var lastEnd: PipelineOrder?
    var lastBegin: PipelineOrder?
    /// How many rows that began something came after the last end known when they came.
    var reopenings: UInt64 = 0

    /// What a row does to the end of its request.
    enum Role {
        case ends, begins, neither

        init(_ status: PipelineStatus.Code, isTerminal: Bool, mayComeAnytime: Bool) {
            if isTerminal {
                self = .ends
            } else {
                self =
                    mayComeAnytime || status.endsWork || status == .skipped ? .neither : .begins
            }
        }
    }

    var isTerminal: Bool {
        guard let lastEnd else { return false }
        guard let lastBegin else { return true }
        return lastBegin < lastEnd
    }

    /// How often the request was reopened.
    ///
    /// Exact where no row that ends or begins is late. It is never 0 where one that begins stands
    /// after one that ends, whichever of the two came first.
    var reopenedCount: UInt64 {
        guard let firstEnd, let lastBegin, firstEnd < lastBegin else { return reopenings }
        return max(reopenings, 1)
    }

    @inline(__always)
    mutating func take(_ role: Role, at order: PipelineOrder) {
        switch role {
        case .neither: break
        case .ends:
            firstEnd = min(firstEnd ?? order, order)
            lastEnd = max(lastEnd ?? order, order)
        case .begins:
            if isTerminal, let lastEnd, lastEnd < order { reopenings &+= 1 }
            lastBegin = max(lastBegin ?? order, order)
        }
    }
}

/// Work of one event type that another type ends: begun and not ended, or not.
struct PipelineStart: Hashable, Sendable {
    let eventType: String
    var lastStart: PipelineOrder?
    var lastEnd: PipelineOrder?

    /// The last start, unless it was ended since.
    var open: PipelineOrder? {
        guard let lastStart else { return nil }
        // A type that ends itself begins again with the same row.
        if let lastEnd, lastStart < lastEnd { return nil }
        return lastStart
    }
}
