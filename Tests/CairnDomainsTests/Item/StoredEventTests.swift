import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

/// What every machine of this module that stores events must do with them (laws 6 and 9).
struct StoredEventTests {
    /// Events of one machine, of every kind, with all and with no optional fields.
    struct Subject: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let events: @Sendable () throws -> [NewEvent]
        /// Reads a frame and writes what it says again; nil for what is passed over.
        let rewrite: @Sendable (StoredFrame) throws -> NewEvent?

        init<Rules: StoredMachine>(
            _ name: String,
            _ machine: Rules,
            _ events: @escaping @Sendable () -> [Rules.Event]
        ) where Rules.Event: Hashable {
            testDescription = name
            self.events = {
                try events().map { event in
                    let stored = try machine.newEvent(event)
                    #expect(try StoredFrame(stored).read(machine) == event)
                    return stored
                }
            }
            rewrite = { frame in
                guard let event = try frame.read(machine) else { return nil }
                return try machine.newEvent(event)
            }
        }
    }

    static let subjects = itemSubjects + TouchSamples.subjects

    private static let itemSubjects = [
        Subject("item", ItemMachine()) {
            var generator = SeededGenerator(seed: 201)
            return ItemEventKind.allCases.flatMap { kind in
                (0..<40).map { round in
                    let fact = RandomItem.fact(kind, isFull: round % 2 == 0, &generator)
                    return ItemEvent(fact, at: RandomItem.instant(&generator))
                }
            }
        },
        Subject("job", JobMachine()) {
            var counts = JobCounts()
            let empty = JobRunEnd(number: 0, ending: .finished, counts: counts)
            counts.offered = .max
            counts.sent = 1
            counts.done = 2
            counts.failed = 3
            counts.parked = 4
            counts.changed = 5
            counts.missing = 6
            counts.left = .min
            counts.new = 7
            let ends = JobEnding.allCases.map { ending in
                JobEvent.Fact.runEnded(JobRunEnd(number: .max, ending: ending, counts: counts))
            }
            let keys = JobTableTests.keys + [try? ItemKey("caf\u{E9}")].compactMap { $0 }
            var block = JobTableTests.block
            block.foreignCount = .min
            let looked = JobReopenings(keys: keys, seen: SequenceNumber(rawValue: .max))
            let known = JobRun(
                number: 1,
                worker: WorkerNumber(rawValue: 1),
                job: "j",
                itemCount: .max
            )
            let counted = JobRunEnd(number: 1, ending: .stopped, counts: counts, itemCount: 0)
            let facts: [JobEvent.Fact] =
                [
                    JobTableTests.began(.max), .runEnded(empty), .blockSettled(JobTableTests.block),
                    .paused(JobTableTests.decision), .resumed(JobTableTests.decision),
                    .cancelled(JobDecision(by: "", reason: "caf\u{E9}")),
                    .blockSettled(block, looked), .runBegan(known), .runEnded(counted),
                ] + ends + keys.map(JobEvent.Fact.itemReopened)
            return facts.map { JobEvent($0, at: .distantPast) }
        },
        Subject("retry lease", RetryLeaseMachine()) {
            [0, 1, -1, Int64.max, .min].map { number in
                var grant = RetryLeaseTableTests.granted().grant
                grant.stage = number == 0 ? "" : "caf\u{E9} \(number)"
                grant.failure = Position(rawValue: UInt64(bitPattern: number))
                grant.worker = WorkerNumber(rawValue: UInt64(bitPattern: number))
                grant.leaseEnd = BootInstant(
                    boot: UInt64(bitPattern: number),
                    nanoseconds: number
                )
                grant.attempt = number
                grant.takeoverCount = number
                return RetryLeaseMachine.Event(grant: grant, at: .distantPast)
            }
        },
        Subject("reference", ReferenceMachine()) {
            var generator = SeededGenerator(seed: 202)
            let kept = (0..<20).map { round in
                ReferenceMachine.Event.kept(
                    RandomItem.callback(round % 2 == 0, attempt: 0, &generator),
                    at: RandomItem.instant(&generator)
                )
            }
            let stream = try? StreamID("key/k\u{1F600}")
            return kept + [stream].compactMap { $0 }.map { .linked($0, at: .distantFuture) }
        },
    ]

    @Test(arguments: subjects)
    func `every event comes back as it was written`(subject: Subject) throws {
        for event in try subject.events() {
            let again = try #require(try subject.rewrite(StoredFrame(event)))
            #expect(again.payload == event.payload)
            #expect(again.type == event.type)
            #expect(again.occurredAt == event.occurredAt)
            #expect(again.contentDigest == event.contentDigest)
            #expect(again.id == event.id)
        }
    }

    @Test(arguments: subjects)
    func `fields that a later version adds are passed over`(subject: Subject) throws {
        for event in try subject.events() {
            var added = FieldWriter()
            added.number(120, .min)
            added.text(255, "new")
            added.blob(0, [])
            var frame = StoredFrame(event)
            frame.payload = event.payload + added.finish()
            #expect(try subject.rewrite(frame)?.payload == event.payload, "\(event.type)")
        }
    }

    @Test(arguments: subjects)
    func `a cut payload is a typed error or another event, and never a trap`(
        subject: Subject
    ) throws {
        var refusedCount = 0
        for event in try subject.events() {
            for count in event.payload.indices {
                var frame = StoredFrame(event)
                frame.payload = Array(event.payload[..<count])
                do {
                    _ = try subject.rewrite(frame)
                } catch is EventCodecError {
                    refusedCount += 1
                }
            }
        }
        #expect(refusedCount > 100)
    }

    @Test(arguments: subjects)
    func `a changed byte gives a typed error or another event, and never a trap`(
        subject: Subject
    ) throws {
        var generator = SeededGenerator(seed: 203)
        for (index, event) in try subject.events().enumerated() {
            // Every other value of every byte for some events, a few of them for all.
            let changes: [UInt8] =
                index % 40 < 2
                ? Array(1...255) : [1, 0x80, 0xFF, UInt8(1 + generator.below(254))]
            for place in event.payload.indices {
                for change in changes {
                    var frame = StoredFrame(event)
                    var payload = event.payload
                    payload[place] ^= change
                    frame.payload = payload
                    do { _ = try subject.rewrite(frame) } catch is EventCodecError {}
                }
            }
        }
    }

    @Test(arguments: subjects)
    func `a newer version of a type is refused by name`(subject: Subject) throws {
        for event in try subject.events() {
            var frame = StoredFrame(event)
            // Beyond the latest of them all.
            frame.typeVersion = 3
            // Only an unknown type may say that it can be passed over.
            for mayBeIgnored in [false, true] {
                frame.mayBeIgnored = mayBeIgnored
                #expect(
                    throws: EventCodecError.newerVersion(
                        type: event.type,
                        version: 3
                    )
                ) { try subject.rewrite(frame) }
            }
        }
    }

    @Test(arguments: subjects)
    func `an unknown type is passed over if it says so, and an erased event always`(
        subject: Subject
    ) throws {
        let event = try #require(try subject.events().first)
        for type in ["attempt.vanished", event.type + " ", String(event.type.dropLast())] {
            var frame = StoredFrame(event)
            frame.type = type
            #expect(throws: EventCodecError.unknownType(type)) { try subject.rewrite(frame) }
            frame.mayBeIgnored = true
            #expect(try subject.rewrite(frame) == nil)
        }
        var erased = StoredFrame(event)
        erased.isErased = true
        erased.payload = []
        #expect(try subject.rewrite(erased) == nil)
    }

    @Test func `a customer's interaction is read back, and what cannot be read is refused`() throws
    {
        let stream = try StreamID("key/k\u{1F600}")
        let event = try CustomerStream.newEvent(for: stream, at: .unixEpoch)
        #expect(try StoredFrame(event).open(CustomerStream.interaction) == stream)
        for place in event.payload.indices {
            for change in UInt8(1)...255 {
                var frame = StoredFrame(event)
                var payload = event.payload
                payload[place] ^= change
                frame.payload = payload
                do { _ = try frame.open(CustomerStream.interaction) } catch is EventCodecError {}
            }
        }
        var newer = StoredFrame(event)
        newer.typeVersion = 2
        #expect(throws: EventCodecError.newerVersion(type: event.type, version: 2)) {
            try newer.open(CustomerStream.interaction)
        }
    }
}
