import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Consumers on both journals: nothing is left out, and what they append happens once.
struct JournalConsumerTests {
    private struct Broken: Error {}

    enum Kind: CaseIterable { case memory, lmdb }

    private static func withJournal(
        _ kind: Kind,
        _ body: (any Journal) async throws -> Void
    ) async throws {
        switch kind {
        case .memory: try await body(MemoryJournal())
        case .lmdb:
            let scratch = try ScratchFolder()
            let journal = try LMDBJournal(path: scratch.path("journal"))
            defer { journal.close() }
            try await body(journal)
        }
    }

    private static func append(_ range: Range<Int>, to journal: any Journal) async throws {
        for number in range {
            let event = try NewEvent(
                type: "thing.happened",
                occurredAt: .unixEpoch,
                payload: Array("\(number)".utf8)
            )
            try await journal.append(event, to: try StreamID("thing/\(number % 7)"))
        }
    }

    private static func numbers(_ page: ConsumerPage) -> [Int] {
        page.events.compactMap { Int(String(decoding: $0.payload, as: UTF8.self)) }
    }

    @Test(arguments: Kind.allCases)
    func `each consumer gets every event once, in order, over any number of runs`(
        kind: Kind
    ) async throws {
        try await Self.withJournal(kind) { journal in
            let consumers = try ["a", "b", "later"].map { try JournalConsumer(journal, name: $0) }
            #expect(try await consumers[0].position() == nil)
            var seen: [[Int]] = [[], [], []]
            for round in 0..<3 {
                try await Self.append(round * 300..<(round + 1) * 300, to: journal)
                for (index, consumer) in consumers.enumerated() where index < 2 || round == 1 {
                    try await consumer.catchUp(from: index == 2 ? .end : .beginning) { page in
                        #expect(page.events.count <= Following.pageEventCountMax)
                        #expect(page.events.allSatisfy { $0.stream.kind.name == "thing" })
                        seen[index] += Self.numbers(page)
                    }
                }
            }
            try await consumers[2].catchUp { seen[2] += Self.numbers($0) }
            #expect(seen[0] == Array(0..<900))
            #expect(seen[1] == Array(0..<900))
            #expect(seen[2] == Array(600..<900))
            let head = try await journal.head().lastPosition
            for consumer in consumers {
                let position = try #require(try await consumer.position())
                #expect(position <= head)
                // With nothing new nothing is written.
                try await consumer.catchUp { _ in Issue.record("there was nothing new") }
            }
            #expect(try await journal.head().lastPosition == head)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a page comes again until its closure returns`(kind: Kind) async throws {
        try await Self.withJournal(kind) { journal in
            try await Self.append(0..<5, to: journal)
            let consumer = try JournalConsumer(journal, name: "teller")
            for _ in 0..<3 {
                await #expect(throws: Broken.self) {
                    try await consumer.catchUp { page in
                        #expect(Self.numbers(page) == [0, 1, 2, 3, 4])
                        throw Broken()
                    }
                }
                #expect(try await consumer.position() == .zero)
            }
            var told: [Int] = []
            try await consumer.catchUp { told += Self.numbers($0) }
            #expect(told == [0, 1, 2, 3, 4])
        }
    }

    @Test(arguments: Kind.allCases)
    func `what a consumer appends with its place happens once, wherever it breaks off`(
        kind: Kind
    ) async throws {
        try await Self.withJournal(kind) { journal in
            try await Self.append(0..<700, to: journal)
            let consumer = try JournalConsumer(journal, name: "doubler")
            let stream = try StreamID("doubled/all")
            var generator = SeededGenerator(seed: 62)
            var isDone = false
            var breakCount = 0
            while !isDone {
                let (before, after) = (generator.below(3) == 0, generator.below(3) == 0)
                do {
                    try await consumer.catchUp { page in
                        if before { throw Broken() }
                        let numbers = page.events.filter { $0.stream.kind.name == "thing" }
                        let events = try numbers.map {
                            try NewEvent(
                                type: "thing.doubled",
                                occurredAt: .unixEpoch,
                                payload: $0.payload
                            )
                        }
                        try await journal.engineTurn {
                            scope throws(EngineError<ConsumerMachine.Rejection>) in
                            try page.advance(in: scope)
                            do throws(JournalError) {
                                try scope.append(events, to: stream, expecting: .any)
                            } catch {
                                throw .journal(error)
                            }
                        }
                        if after { throw Broken() }
                    }
                    isDone = true
                } catch is Broken {
                    breakCount += 1
                }
            }
            #expect(breakCount > 0)
            var doubled: [Int] = []
            try await journal.forEachEvent(of: stream) { header, frame in
                let payload = frame.extracting(header.payloadRange).withUnsafeBytes { Array($0) }
                doubled.append(Int(String(decoding: payload, as: UTF8.self)) ?? -1)
                return .proceed
            }
            #expect(doubled == Array(0..<700))
        }
    }

    @Test(arguments: Kind.allCases)
    func `one name has one reader at a time, and a place that another left is refused`(
        kind: Kind
    ) async throws {
        try await Self.withJournal(kind) { journal in
            try await Self.append(0..<3, to: journal)
            let consumer = try JournalConsumer(journal, name: "only")
            let other = try JournalConsumer(journal, name: "other")
            try await consumer.catchUp { page in
                await #expect(throws: ConsumerError.isHeld(name: "only")) {
                    try await consumer.catchUp { _ in }
                }
                var count = 0
                try await other.catchUp { count += $0.events.count }
                #expect(count == 3)
            }
            var stale: ConsumerPage?
            try await Self.append(3..<4, to: journal)
            await #expect(throws: Broken.self) {
                try await consumer.catchUp { page in
                    stale = page
                    throw Broken()
                }
            }
            try await Self.append(4..<5, to: journal)
            try await consumer.catchUp { #expect(Self.numbers($0) == [3, 4]) }
            let page = try #require(stale)
            // Whatever its turn appended before is dropped with it.
            let before = try await journal.head().lastPosition
            for isFirst in [true, false] {
                await #expect(throws: EngineError<ConsumerMachine.Rejection>.self) {
                    try await journal.engineTurn {
                        scope throws(EngineError<ConsumerMachine.Rejection>) in
                        if isFirst { try page.advance(in: scope) }
                        try Self.appendMark(in: scope)
                        if !isFirst { try page.advance(in: scope) }
                    }
                }
            }
            #expect(try await journal.head().lastPosition == before)
        }
    }

    private static func appendMark(
        in scope: any TurnScope
    ) throws(EngineError<ConsumerMachine.Rejection>) {
        do throws(JournalError) {
            do throws(LimitError) {
                let event = try NewEvent(type: "mark.made", occurredAt: .unixEpoch, payload: [])
                try appendLimited(event, try StreamID("mark/1"), in: scope)
            } catch {
                throw .limit(error)
            }
        } catch {
            throw .journal(error)
        }
    }

    private static func appendLimited(
        _ event: NewEvent,
        _ stream: StreamID,
        in scope: any TurnScope
    ) throws(LimitError) {
        _ = try? scope.append([event], to: stream, expecting: .any)
    }

    @Test(arguments: Kind.allCases)
    func `a step that is repeated on one page happens once`(kind: Kind) async throws {
        try await Self.withJournal(kind) { journal in
            try await Self.append(0..<3, to: journal)
            let consumer = try JournalConsumer(journal, name: "marker")
            await #expect(throws: EngineError<ConsumerMachine.Rejection>.self) {
                try await consumer.catchUp { page in
                    for _ in 0..<2 {
                        try await journal.engineTurn {
                            scope throws(EngineError<ConsumerMachine.Rejection>) in
                            try Self.appendMark(in: scope)
                            try page.advance(in: scope)
                        }
                    }
                }
            }
            try await consumer.catchUp { #expect(Self.numbers($0).isEmpty) }
            #expect(try await journal.lastSequence(of: StreamID("mark/1")).rawValue == 1)
        }
    }

    @Test func `who is cancelled before the end is told so`() async throws {
        let journal = MemoryJournal()
        try await Self.append(0..<600, to: journal)
        let consumer = try JournalConsumer(journal, name: "cancelled")
        let (arrived, sink) = AsyncStream.makeStream(of: Int.self)
        let task = Task {
            try await consumer.catchUp { page in
                sink.yield(page.events.count)
                try? await Task.sleep(for: .seconds(86_400))
            }
        }
        for await _ in arrived { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        var rest: [Int] = []
        try await consumer.catchUp { rest += Self.numbers($0) }
        #expect(rest.last == 599)
        #expect(rest == Array((600 - rest.count)..<600))
    }

    @Test(arguments: Kind.allCases)
    func `a follower gets what comes, until it is cancelled`(kind: Kind) async throws {
        try await Self.withJournal(kind) { journal in
            try await Self.append(0..<2, to: journal)
            let consumer = try JournalConsumer(journal, name: "follower")
            let (numbers, sink) = AsyncStream.makeStream(of: Int.self)
            let task = Task {
                try await consumer.follow { page in
                    for number in Self.numbers(page) { sink.yield(number) }
                }
                sink.finish()
            }
            var seen: [Int] = []
            for await number in numbers {
                seen.append(number)
                if (1..<9).contains(number) {
                    try await Self.append(number + 1..<number + 2, to: journal)
                }
                if seen.count == 10 { break }
            }
            task.cancel()
            try await task.value
            #expect(seen == Array(0..<10))
        }
    }

    @Test func `the article's sample runs`() async throws {
        let journal = MemoryJournal()
        try await Self.append(0..<1, to: journal)
        let (told, sink) = AsyncStream.makeStream(of: EventRecord.self)
        let notify: @Sendable (EventRecord) async throws -> Void = { sink.yield($0) }
        let task = Task {
            let consumer = try JournalConsumer(journal, name: "notifier")
            try await consumer.follow { page in
                for event in page.events { try await notify(event) }
            }
        }
        for await event in told {
            #expect(event.type == "thing.happened")
            break
        }
        task.cancel()
        try await task.value
        let article = try text("Sources/Cairn/Cairn.docc/ReadingTheJournal.md")
        let block = try #require(
            article.components(separatedBy: "```swift\n").dropFirst()
                .compactMap { $0.components(separatedBy: "```").first }
                .first { $0.contains("JournalConsumer") }
        )
        let source = try text("Tests/CairnServicesTests/Consumer/JournalConsumerTests.swift")
        #expect(source.replacing("\n            ", with: "\n").contains(block), "\(block)")
    }

    private func text(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func `a name is as long as a stream's may be`() throws {
        let journal = MemoryJournal()
        #expect(throws: LimitError.emptyStreamID) { try JournalConsumer(journal, name: "") }
        #expect(throws: LimitError.self) {
            try JournalConsumer(
                journal,
                name: String(repeating: "n", count: Limits.streamIDByteCountMax)
            )
        }
    }
}
