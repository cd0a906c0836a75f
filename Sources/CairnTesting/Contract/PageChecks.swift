internal import CairnCore
internal import CairnJournal

extension JournalContract {
    /// Every start, bound and limit that a journal of ten events can be read with.
    private static let bounds: [UInt64?] = [nil, 0, 1, 2, 5, 9, 10, 11, .max]
    private static let starts: [UInt64] = Array(0...12) + [.max - 1, .max]

    static let pageChecks: [ContractCheck] = [
        ContractCheck("several streams read in one view are what each of them is alone") { test in
            let names = ["one", "two", "three", "none", "two"]
            for round in 0..<5 {
                for name in names.prefix(3) where name != "three" || round == 0 {
                    let event = try NewEvent(
                        type: "note",
                        occurredAt: .unixEpoch,
                        payload: Array("\(name) \(round)".utf8)
                    )
                    try await test.journal.append(event, to: try StreamID("check/\(name)"))
                }
            }
            let streams = try names.map { try StreamID("check/\($0)") }
            var found: [[EventRecord]] = streams.map { _ in [] }
            var strayCount = 0
            try await test.journal.forEachEvent(ofEach: streams) { index, header, frame in
                guard found.indices.contains(index) else { return strayCount += 1 }
                found[index].append(EventRecord(header, frame: frame, stream: streams[index]))
            }
            try expect(strayCount, 0, "events of streams that were not asked for")
            for (index, stream) in streams.enumerated() {
                let alone = try await test.journal.records(of: stream)
                try expect(
                    found[index].map(\.position),
                    alone.map(\.position),
                    "the events of \(stream)"
                )
                try expect(
                    found[index].map(\.payload),
                    alone.map(\.payload),
                    "the payloads of \(stream)"
                )
            }
            try expect(found.map(\.count), [5, 5, 1, 0, 5], "events of each")
            try await test.journal.forEachEvent(ofEach: []) { _, _, _ in }
        },
        ContractCheck("single events are read by their positions, in any order") { test in
            try await test.fill(10)
            let wanted: [UInt64] = [7, 2, 2, 0, 10, 11, .max, 1]
            let positions = wanted.map { Position(rawValue: $0) }
            var found: [EventFacts] = []
            try await test.journal.forEachEvent(at: positions) { header, frame in
                found.append(EventFacts(header, frame: frame))
            }
            let all = try await test.everything()
            try expect(all.count, 10, "events stored")
            try expectList(found, [7, 2, 2, 10, 1].map { all[$0 - 1] }, "the events")
            try await test.journal.forEachEvent(at: []) { _, _ in }
        },
        ContractCheck("pages forwards hold a slice of the whole") { test in
            try await checkPages(test, .forwards)
        },
        ContractCheck("pages backwards hold a slice of the whole, turned round") { test in
            try await checkPages(test, .backwards)
        },
        ContractCheck("a page of limited size holds at least one event and not much more") { test in
            for number in UInt8(1)...6 {
                let payload = [UInt8](repeating: number, count: 1_000)
                try await test.append([test.event(payload: payload)], to: "a/1")
            }
            for (byteCountMax, eventCount) in [(1, 1), (1_000, 1), (2_000, 2), (4_000, 4)] {
                let limit = PageLimit(eventCountMax: 100, byteCountMax: byteCountMax)
                let page = try await test.page(from: 2, limit: limit)
                try expect(page.end.eventCount, eventCount, "events in \(byteCountMax) bytes")
                try expect(page.end.next, UInt64(eventCount) + 2, "where the next page starts")
                let stream = try await test.page(of: "a/1", from: 2, limit: limit)
                try expect(stream.end, page.end, "the same page of the stream")
            }
        },
        ContractCheck("a page bounded in the past does not see what came later") { test in
            try await test.fill(5)
            let before = try await test.everything()
            try await test.fill(5)
            let page = try await test.page(from: 1, upTo: 5)
            try expectList(page.events, before, "events up to position 5")
            try expect(page.end.next, nil, "the end of the view")
            try expect(page.end.lastPosition.rawValue, 5, "the view's last position")
        },
        ContractCheck("a body that stops ends the page and the whole read") { test in
            try await test.fill(10)
            for countMax in 1...4 {
                var count = 0
                let end = try await test.journal.page(
                    from: .first,
                    .forwards,
                    upTo: nil,
                    limit: PageLimit(eventCountMax: 4)
                ) { _, _ in
                    count += 1
                    return count == countMax ? .stop : .proceed
                }
                try expect(end.eventCount, countMax, "events that the page counts")
                try expect(count, countMax, "events that the body saw")
            }
            for direction: PageDirection in [.forwards, .backwards] {
                var count = 0
                try await test.journal.forEachEvent(direction) { _, _ in
                    count += 1
                    return count == 3 ? .stop : .proceed
                }
                try expect(count, 3, "events that a stopped read saw, \(direction)")
                count = 0
                try await test.journal.forEachEvent(of: test.stream("a/2"), direction) { _, _ in
                    count += 1
                    return count == 2 ? .stop : .proceed
                }
                try expect(count, 2, "events that a stopped stream read saw, \(direction)")
            }
        },
        ContractCheck("a read over many pages meets every event once") { test in
            let count = 40_000
            for _ in 0..<8 {
                let events = Array(repeating: try test.event(), count: count / 8)
                try await test.append(events, to: "a/1")
            }
            for direction: PageDirection in [.forwards, .backwards] {
                var positions: [UInt64] = []
                try await test.journal.forEachEvent(direction) { header, _ in
                    positions.append(header.position.rawValue)
                    return .proceed
                }
                var sequences: [UInt64] = []
                try await test.journal.forEachEvent(of: test.stream("a/1"), direction) {
                    header,
                    _ in
                    sequences.append(header.sequence.rawValue)
                    return .proceed
                }
                let all = Array(1...UInt64(count))
                let expected = direction == .forwards ? all : all.reversed()
                try expectList(positions, expected, "positions \(direction)")
                try expectList(sequences, expected, "sequences \(direction)")
            }
        },
        ContractCheck("single events and stream names are found by number") { test in
            try await test.fill(10)
            for event in try await test.everything() {
                let record = try await test.journal.record(at: event.position)
                try expect(record?.position, event.position, "the record at \(event.position)")
                try expect(record?.payload, event.payload, "the payload at \(event.position)")
                let name = try await test.journal.streamID(of: event.streamNumber)
                try expect(record?.stream, name, "the stream at \(event.position)")
                try expect(
                    event.streamName,
                    event.sequence.rawValue == 1 ? name : nil,
                    "the name that event \(event.position) carries"
                )
            }
            for position: UInt64 in [0, 11, .max] {
                let record = try await test.journal.record(at: Position(rawValue: position))
                try expect(record?.position, nil, "the record at \(position)")
            }
        },
        ContractCheck("a number at which no stream begins has no name") { test in
            try await test.fill(10)
            for number: UInt64 in [0, 4, 11, .max] {
                let name: StreamID?
                do throws(JournalError) {
                    name = try await test.journal.streamID(of: StreamNumber(rawValue: number))
                } catch {
                    name = nil
                }
                try expect(name, nil, "the stream with number \(number)")
            }
        },
    ]

    static let streamPageChecks: [ContractCheck] = [
        ContractCheck("pages of a stream hold a slice of it, both ways") { test in
            try await test.fill(10)
            let whole = try await test.everything()
            for name in ["a/1", "a/2", "b/1"] {
                let number = whole.first { $0.streamName?.name == name }?.streamNumber
                let stream = whole.filter { $0.streamNumber == number }
                for direction: PageDirection in [.forwards, .backwards] {
                    try await checkStream(test, name, stream, direction)
                }
            }
        },
        ContractCheck("a stream without events has empty pages") { test in
            try await test.fill(4)
            for direction: PageDirection in [.forwards, .backwards] {
                for start: UInt64 in [0, 1, .max] {
                    let page = try await test.page(of: "c/1", from: start, direction)
                    try expect(page.end.eventCount, 0, "events of an unknown stream")
                    try expect(page.end.next, nil, "the next page of an unknown stream")
                }
            }
            let records = try await test.journal.records(of: test.stream("c/1"))
            try expect(records.count, 0, "records of an unknown stream")
        },
        ContractCheck("records of a stream are its events, oldest first") { test in
            try await test.fill(10)
            let records = try await test.journal.records(of: test.stream("a/2"))
            try expect(records.map(\.payload), [[1], [4], [7], [10]], "payloads")
            let bound = Position(rawValue: 6)
            let past = try await test.journal.records(of: test.stream("a/2"), upTo: bound)
            try expect(past.map(\.payload), [[1], [4]], "payloads up to position 6")
        },
    ]

    private static func checkPages(_ test: JournalCase, _ direction: PageDirection) async throws {
        try await test.fill(10)
        let whole = try await test.everything()
        try expect(whole.map(\.payload), (1...10).map { [$0] }, "the whole journal")
        for bound in bounds {
            let view = whole.filter { $0.position.rawValue <= bound ?? .max }
            for start in starts {
                let rest =
                    direction == .forwards
                    ? view.filter { $0.position.rawValue >= start }
                    : view.filter { $0.position.rawValue <= start }.reversed()
                for countMax in [1, 2, 3, 7, 10, .max] {
                    let limit = PageLimit(eventCountMax: countMax)
                    let page = try await test.page(
                        from: start,
                        direction,
                        upTo: bound,
                        limit: limit
                    )
                    let what =
                        "\(direction) from \(start) up to \(bound.map(\.description) ?? "the end"),"
                        + " \(countMax) at most"
                    try expectList(page.events, Array(rest.prefix(countMax)), what)
                    let end = PageEnd(
                        next: rest.dropFirst(countMax).first?.position.rawValue,
                        lastPosition: Position(rawValue: min(bound ?? 10, 10)),
                        eventCount: min(countMax, rest.count)
                    )
                    try expect(page.end, end, "the end of the page \(what)")
                }
            }
        }
    }

    private static func checkStream(
        _ test: JournalCase,
        _ name: String,
        _ stream: [EventFacts],
        _ direction: PageDirection
    ) async throws {
        for bound in bounds {
            let view = stream.filter { $0.position.rawValue <= bound ?? .max }
            for start in starts {
                let rest =
                    direction == .forwards
                    ? view.filter { $0.sequence.rawValue >= start }
                    : view.filter { $0.sequence.rawValue <= start }.reversed()
                for countMax in [1, 2, 3, 4, .max] {
                    let limit = PageLimit(eventCountMax: countMax)
                    let page = try await test.page(
                        of: name,
                        from: start,
                        direction,
                        upTo: bound,
                        limit: limit
                    )
                    let what =
                        "\(name) \(direction) from \(start) up to "
                        + "\(bound.map(\.description) ?? "the end"), \(countMax) at most"
                    try expectList(page.events, Array(rest.prefix(countMax)), what)
                    let end = PageEnd(
                        next: rest.dropFirst(countMax).first?.sequence.rawValue,
                        lastPosition: Position(rawValue: min(bound ?? 10, 10)),
                        eventCount: min(countMax, rest.count)
                    )
                    try expect(page.end, end, "the end of the page \(what)")
                }
            }
        }
    }
}
