import CairnGallery
import CairnTesting

/// The engines of the gallery, each checked by a function of its own that a test can call.
///
/// This file is also compiled beside the tests that are made of what they find. An exploration draws nothing, so there is no case to keep.
enum GalleryBugs {
    private static func check(
        _ name: String,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws {
        for subject in GallerySubject.all where subject.name == name {
            try await subject.check(
                fileID: #fileID,
                filePath: filePath,
                line: line,
                function: function
            )
        }
    }

    static func ringQueue() async throws {
        try await check("ring queue that grows while wrapped")
    }

    static func recencyCache() async throws {
        try await check("cache that evicts the oldest, not the unused")
    }

    static func decreasingHeap() async throws {
        try await check("heap that leaves a lowered priority in its place")
    }

    static func intervalSet() async throws {
        try await check("interval set that joins one neighbour of two")
    }

    static func ringAllocator() async throws {
        try await check("ring allocator that wraps over a living block")
    }

    static func leafTree() async throws {
        try await check("tree that loses the key at which a leaf splits")
    }

    static func gapBuffer() async throws {
        try await check("gap buffer that grows over its tail")
    }

    static func history() async throws {
        try await check("redo that survives a new change")
    }

    static func forest() async throws {
        try await check("removal that leaves grandchildren")
    }

    static func register() async throws {
        try await check("deleted entry that a late write brings back")
    }

    static func attempts() async throws {
        try await check("one attempt too many")
    }

    static func listener() async throws {
        try await check("handshake that takes any later acknowledgement")
    }

    static func lease() async throws {
        try await check("lease under which an old holder writes")
    }

    static func bank() async throws {
        try await check("transfer to oneself that makes money")
    }

    static func commit() async throws {
        try await check("two-phase commit that forgets a vote")
    }

    static func backoff() async throws {
        try await check("jitter that a large seed makes negative")
    }

    static func ledger() async throws {
        try await check("checkpoint that forgets a field")
    }

    static func numberer() async throws {
        try await check("sequence with a gap after an aborted append")
    }

    static func journey() async throws {
        try await check("compensations in the order of the steps")
    }

    static func resumption() async throws {
        try await check("cursor stored before the item is done")
    }

    static func desk() async throws {
        try await check("idempotency keys compared by their beginnings")
    }

    static func deduper() async throws {
        try await check("duplicate that comes after the window")
    }

    static func counters() async throws {
        try await check("merge that adds what it knows")
    }

    static func clocks() async throws {
        try await check("vector clock that is replaced, not merged")
    }

    static func callbacks() async throws {
        try await check("status that the last callback decides")
    }

    static func redelivery() async throws {
        try await check("amount that is added at every delivery")
    }

    static func tokenBucket() async throws {
        try await check("token bucket that loses parts of a second")
    }

    static func limiter() async throws {
        try await check("rate limit that doubles where two windows meet")
    }

    static func idleTimer() async throws {
        try await check("timer that ends when the clock is set back")
    }

    static func overflowingBackoff() async throws {
        try await check("delay that doubles until it overflows")
    }

    static func duration() async throws {
        try await check("duration in milliseconds of 32 bits")
    }

    static func quoting() async throws {
        try await check("text whose escapes are escaped again")
    }

    static func cutting() async throws {
        try await check("error text cut in the middle of a character")
    }

    static func varint() async throws {
        try await check("length written in one byte too few")
    }

    static func midpoint() async throws {
        try await check("middle of two numbers whose sum overflows")
    }

    static func accumulation() async throws {
        try await check("total that depends on the order of its parts")
    }

    static func hashOrder() async throws {
        try await check("digest that depends on the order of a hash table")
    }

    static func pages() async throws {
        try await check("page cursor that passes over equal times")
    }

    static func lender() async throws {
        try await check("connection that is given back twice and lent twice")
    }

    static func purse() async throws {
        try await check("balance looked at before a wait")
    }

    static func row() async throws {
        try await check("write that does not look at the version")
    }

    static func lazily() async throws {
        try await check("thing that is made twice")
    }

    static func latches() async throws {
        try await check("two locks taken in either order")
    }

    static func shelf() async throws {
        try await check("cache filled with what was there before")
    }

    /// All of them.
    static let all: [(name: String, check: @Sendable () async throws -> Void)] = [
        ("ringQueue", ringQueue),
        ("recencyCache", recencyCache),
        ("decreasingHeap", decreasingHeap),
        ("intervalSet", intervalSet),
        ("ringAllocator", ringAllocator),
        ("leafTree", leafTree),
        ("gapBuffer", gapBuffer),
        ("history", history),
        ("forest", forest),
        ("register", register),
        ("attempts", attempts),
        ("listener", listener),
        ("lease", lease),
        ("bank", bank),
        ("commit", commit),
        ("backoff", backoff),
        ("ledger", ledger),
        ("numberer", numberer),
        ("journey", journey),
        ("resumption", resumption),
        ("desk", desk),
        ("deduper", deduper),
        ("counters", counters),
        ("clocks", clocks),
        ("callbacks", callbacks),
        ("redelivery", redelivery),
        ("tokenBucket", tokenBucket),
        ("limiter", limiter),
        ("idleTimer", idleTimer),
        ("overflowingBackoff", overflowingBackoff),
        ("duration", duration),
        ("quoting", quoting),
        ("cutting", cutting),
        ("varint", varint),
        ("midpoint", midpoint),
        ("accumulation", accumulation),
        ("hashOrder", hashOrder),
        ("pages", pages),
        ("lender", lender),
        ("purse", purse),
        ("row", row),
        ("lazily", lazily),
        ("latches", latches),
        ("shelf", shelf),
    ]
}
