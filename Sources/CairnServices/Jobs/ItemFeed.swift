internal import Synchronization

/// Items on their way from a sequence to a run: whoever reads takes all that are there at once.
///
/// The sequence waits while it holds ``countMax`` items or more.
final class ItemFeed<Item: Sendable>: Sendable {
    static var countMax: Int { 4_096 }
    /// Items that a sequence which waits for nothing adds at once.
    static var chunkCount: Int { 128 }

    private struct State {
        var items: [Item] = []
        var end: FeedEnd?
        var reader: CheckedContinuation<Void, Never>?
        var writer: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Adds items; waits while the feed is full.
    ///
    /// - Returns: Whether anybody reads any more; if not, the items are dropped.
    func add(_ items: [Item]) async -> Bool {
        let (reader, isFull, isRead) = state.withLock {
            state -> (CheckedContinuation<Void, Never>?, Bool, Bool) in
            guard state.end == nil else { return (nil, false, false) }
            state.items += items
            // The reader is woken once and takes what has come by then.
            defer { state.reader = nil }
            return (state.reader, state.items.count >= Self.countMax, true)
        }
        reader?.resume()
        guard isFull else { return isRead }
        await withCheckedContinuation { continuation in
            let isFull = state.withLock { state in
                guard state.items.count >= Self.countMax, state.end == nil else { return false }
                state.writer = continuation
                return true
            }
            if !isFull { continuation.resume() }
        }
        return true
    }

    /// Adds all items of an array, some at a time.
    ///
    /// - Returns: How the array ended.
    func addAll(_ items: [Item]) async -> FeedEnd {
        var index = 0
        while index < items.count {
            let end = min(index + Self.chunkCount, items.count)
            guard !Task.isCancelled, await add(Array(items[index..<end])) else { return .stopped }
            index = end
        }
        return .whereNoneIsLeft
    }

    /// Says that no further item comes, and why; the first reason counts.
    func finish(_ end: FeedEnd) {
        let (reader, writer) = state.withLock { state in
            state.end = state.end ?? end
            defer { (state.reader, state.writer) = (nil, nil) }
            return (state.reader, state.writer)
        }
        reader?.resume()
        writer?.resume()
    }

    /// Takes all items that are there, waiting for the first; none, and the reason, at the end.
    func take() async -> (items: [Item], end: FeedEnd?) {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.items.isEmpty || state.end != nil { return true }
                state.reader = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        let (items, end, writer) = state.withLock { state in
            defer { (state.items, state.writer) = ([], nil) }
            return (state.items, state.items.isEmpty ? state.end : nil, state.writer)
        }
        writer?.resume()
        return (items, end)
    }
}

/// Why a sequence gives no further item.
enum FeedEnd: Hashable, Sendable {
    case complete
    case failed(String)
    /// Nobody takes any more.
    case stopped
}
