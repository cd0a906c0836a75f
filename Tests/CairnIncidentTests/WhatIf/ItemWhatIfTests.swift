import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTestSupport
import CairnTesting
import Testing

/// What would be different about items.
struct ItemWhatIfTests {
    private static func place(_ number: UInt64) -> OverlayPlace { WhatIfStory.place(number) }

    /// A job of many items to each of which something happened.
    private static func story(seed: UInt64) async throws -> (ItemStory, [StreamID]) {
        let story = try ItemStory()
        var random = SeededGenerator(seed: seed)
        try await story.desk.give(.beginRun(job: "mail", WorkerNumber(rawValue: 7)), to: "mail")
        var streams: [StreamID] = []
        for number in 1...30 {
            let name = "k-\(number)"
            let stream = try await story.desk.begin(
                name,
                worker: 7 + UInt64(number % 2),
                job: "mail",
                worksInSteps: number.isMultiple(of: 3)
            )
            streams.append(stream)
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                story.advance(by: .seconds(Int64.random(in: 0...400, using: &random)))
                if Int.random(in: 0..<6, using: &random) == 0 {
                    // Refused where the key forbids it, as other commands are.
                    _ = try? await story.desk.begin(name, worker: 7, job: "mail")
                }
                guard let command = ItemListRandomTests.commands.randomElement(using: &random)
                else { continue }
                _ = try? await story.desk.give(command, to: stream)
            }
        }
        return (story, streams)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `with no change at all, what is next is the row that a resume shows`(
        seed: UInt64
    ) async throws {
        let (story, streams) = try await Self.story(seed: seed)
        let lock = try await story.journal.lockLife(7)
        var rows: [StreamID: ResumeRow] = [:]
        for kind in ResumeKind.allCases {
            let query = ResumeQuery(kind: kind, limit: .max)
            let plan = try await story.view.resumePlan(of: "mail", for: query, now: story.now)
            for row in try #require(plan).rows { rows[row.item.stream] = row }
        }
        #expect(rows.count == streams.count)
        for stream in streams {
            let answer = try await story.view.whatIf(stream, now: story.now)
            let row = try #require(rows[stream])
            #expect(!answer.differs, "\(stream), seed \(seed)")
            for prospect in [answer.recorded, answer.hypothetical] {
                #expect(prospect.next == row.kind, "\(stream), seed \(seed)")
                #expect(prospect.retryAt == row.at, "\(stream), seed \(seed)")
                #expect(prospect.verdict == row.item.verdict, "\(stream), seed \(seed)")
            }
        }
        #expect(Set(rows.values.map(\.kind)).count > 2)
        lock.release()
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `an event reads back as what was edited in nothing`(seed: UInt64) async throws {
        let (story, streams) = try await Self.story(seed: seed)
        let machine = ItemMachine()
        var readCount = 0
        for stream in streams {
            for step in try await MachineView(story.journal, machine).steps(of: stream) {
                let event = try #require(step.event)
                let document = machine.editableDocument(of: event)
                guard let read = try? machine.event(from: document, at: .unixEpoch) else {
                    continue
                }
                #expect(read == event, "\(event)")
                readCount += 1
                let overlay = Overlay([.merge(.object([]), into: .sequence(step.sequence))])
                #expect(try await !story.view.whatIf(stream, overlay, now: story.now).differs)
            }
        }
        #expect(readCount > 20)
    }

    @Test func `a report, a refusal and a settlement can be edited`() async throws {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k-1")
        try await story.desk.give(
            .reject(.provider, isFinal: true, reason: "no such number", .standard),
            to: stream
        )
        let final = try await story.view.whatIf(
            stream,
            Overlay([
                .merge(
                    try WhatIfStory.json(#"{"final":false,"retry_at":"2026-01-01T00:00:00Z"}"#),
                    into: Self.place(2)
                )
            ]),
            now: story.now
        )
        #expect(final.recorded.next == .skip && final.hypothetical.next == .send)
        #expect(final.hypothetical.retryAt == (try Timestamp(rfc3339: "2026-01-01T00:00:00Z")))
        guard case .failedRetryable(let reason, _) = final.hypothetical.verdict else {
            Issue.record("\(final.hypothetical.verdict)")
            return
        }
        #expect(reason == "no such number")
        let inserted = try [
            #"{"type":"attempt.doubted","cause":"error"}"#,
            #"{"type":"attempt.settled","verdict":"sent","by":"ada"}"#,
        ].map { Overlay.Edit.insert(try WhatIfStory.json($0), after: nil) }
        let settled = try await story.view.whatIf(
            stream,
            Overlay([.drop(Self.place(2))] + inserted),
            now: story.now
        )
        #expect(settled.hypothetical.verdict.word == "done")
    }

    @Test func `a report that came before the answer changes nothing that matters`() async throws {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k-1")
        try await story.desk.give(.accept(ItemStory.acceptance), to: stream)
        try await story.desk.give(.receive(ItemStory.callback(.delivered)), to: stream)
        let answer = try await story.view.whatIf(
            stream,
            Overlay([.move(Self.place(3), after: Self.place(1))]),
            now: story.now
        )
        #expect(answer.recorded == answer.hypothetical)
        #expect(answer.history.recordedState.status == answer.history.state.status)
        #expect(answer.history.firstDifferingIndex == 1)
    }

    @Test(arguments: [
        (1, #"{"worker":3}"#, "event 1 cannot be edited so: 'type' must be callback.received"),
        (2, #"{"provder":"x"}"#, "an event has no member 'provder'"),
        (2, #"{"provider":3}"#, "'provider' must be a text"),
    ])
    func `what cannot be edited is said`(number: Int, patch: String, text: String) async throws {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k-1")
        try await story.desk.give(.accept(ItemStory.acceptance), to: stream)
        let edit = Overlay.Edit.merge(
            try WhatIfStory.json(patch),
            into: Self.place(UInt64(number))
        )
        let error = await #expect(throws: WhatIfError.self) {
            try await story.view.whatIf(stream, Overlay([edit]), now: story.now)
        }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }
}
