import CairnCore
import CairnEngine
import CairnTesting
import Synchronization
import Testing

/// Law 8.2: a sound projection, and one flaw at a time.
struct ProjectionLawTests {
    private let events = Generator<Int>.int(in: 0...3).compactMap { number in
        try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [UInt8(number)])
    }

    private func check(_ tally: Tally) async throws(PropertyError) {
        let streams = ["tally/1", "tally/2"].compactMap { try? StreamID($0) }
        try await Laws.projectionEqualsRebuild(
            tally,
            events: events,
            streams: streams,
            settings: PropertySettings(caseCountMax: 150, seed: 1)
        )
    }

    @Test func `a sound projection is the same in steps and at once`() async throws {
        try await check(Tally(.none))
    }

    @Test func `events whose ids come again are passed over`() async throws {
        let number = Generator<Int>.int(in: 0...3)
        let named = Generator<(Int, Int)>.tuple(number, number).compactMap { id, number in
            try NewEvent(
                type: "noted",
                id: EventID("id \(id)"),
                occurredAt: .unixEpoch,
                payload: [UInt8(number)]
            )
        }
        let summary = try await Laws.projectionEqualsRebuild(
            Tally(.none),
            events: named,
            streams: [try StreamID("tally/1"), try StreamID("tally/2")],
            settings: PropertySettings(caseCountMax: 150, seed: 1)
        )
        #expect(summary.passedCount == 150)
    }

    @Test func `a law without a stream says so`() async {
        let error = await #expect(throws: PropertyError.self) {
            try await Laws.projectionEqualsRebuild(Tally(.none), events: events, streams: [])
        }
        #expect(error?.description.contains("there is no stream for the events") == true)
    }

    @Test func `a value that loses a part when it is stored is law 8_2`() async {
        let finding = await finding("8.2") { () async throws(PropertyError) in
            try await check(Tally(.forgetsSum))
        }
        #expect(finding?.values.contains("storeAndBeginAnew") == true)
        #expect(finding?.failure.reason.contains(" in steps, and ") == true)
    }

    @Test func `a count that is kept beside the tables is law 8_2`() async {
        let finding = await finding("8.2") { () async throws(PropertyError) in
            try await check(Tally(.countsOutside))
        }
        #expect(finding?.failure.reason.contains(" in steps, and ") == true)
    }
}

/// How many events a stream has and what they sum up to, perhaps with a flaw.
private struct Tally: Projection {
    enum Flaw { case none, forgetsSum, countsOutside }
    struct Value: Sendable { var count: UInt64 = 0, sum: UInt64 = 0 }

    let flaw: Flaw
    let name = "test.tally"
    let version: UInt32 = 1
    let isKnownByVersion = true
    /// What a projection must not have.
    private let memory = Count()

    init(_ flaw: Flaw) {
        self.flaw = flaw
    }

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        guard let stream else { return }
        let number = UInt64(frame.extracting(header.payloadRange).array()[0])
        entries.update(stream.name) { value in
            var new = value ?? Value()
            new.count = flaw == .countsOutside ? memory.next() : new.count + 1
            new.sum += number
            value = new
        }
    }

    func write(_ key: String, to bytes: inout ByteWriter) { bytes.raw(key.utf8) }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> String { bytes.text() }

    func write(_ value: Value, to bytes: inout ByteWriter) {
        bytes.variable(value.count)
        bytes.variable(value.sum)
    }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> Value {
        var reader = ByteReader()
        let count = try reader.variable(in: bytes)
        let sum = try reader.variable(in: bytes)
        return Value(count: count, sum: flaw == .forgetsSum ? 0 : sum)
    }
}

/// A number that goes up.
private final class Count: Sendable {
    private let value = Mutex<UInt64>(0)

    func next() -> UInt64 {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
