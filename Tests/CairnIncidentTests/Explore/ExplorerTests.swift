import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

/// What the screen shows after some keys.
struct ExplorerTests {
    private static let wide = Screen.Size(columns: 100, rows: 14)

    private static func explorer(
        _ history: History = WhatIfStory.history,
        of request: String = "R-1",
        _ size: Screen.Size = wide
    ) async throws -> Explorer<RequestMachine> {
        let view = PipelineView(try await history.journal())
        let machine = RequestMachine()
        let walk = StreamWalk(
            try await view.steps(of: request).steps,
            of: try PipelineEvent.streamID(request: request),
            machine,
            oddities: RequestMachine.oddities
        )
        return Explorer(walk, title: request, size: size, words: .request(request, machine))
    }

    private static func press(_ explorer: inout Explorer<RequestMachine>, _ keys: String) {
        for key in keys { explorer.press(.character(key)) }
    }

    @Test func `the last event is shown with what it says, what it changed and the state`()
        async throws
    {
        let explorer = try await Self.explorer()
        let text = explorer.screen.text
        #expect(text.count == 14)
        #expect(text[0] == " R-1   event 5 of 5")
        #expect(text[1].hasPrefix("   1 REQUEST_RECEIVED COMPLETED"))
        #expect(text[5].hasPrefix(">  5 PARSE_OK COMPLETED #2"))
        #expect(text[1].contains("| event 5, at position 6"))
        var tall = explorer
        tall.size.rows = 80
        let lines = tall.screen.text
        #expect(lines.contains { $0.contains("* status") && $0.contains("STARTED -> COMPLETED") })
        #expect(lines.contains { $0.contains("* stages.PARSING.ended_at") })
        #expect(lines.contains { $0.hasSuffix("  attempt_max               2") })
    }

    @Test func `keys step through the events and never beyond them`() async throws {
        var explorer = try await Self.explorer()
        let steps: [(ScreenKey, Int)] = [
            (.up, 3), (.character("k"), 2), (.character("g"), 0), (.up, 0), (.down, 1),
            (.character("j"), 2), (.end, 4), (.down, 4), (.home, 0), (.pageDown, 4), (.pageUp, 0),
            (.character("G"), 4),
        ]
        for (key, cursor) in steps {
            explorer.press(key)
            #expect(explorer.cursor == cursor, "\(key)")
            #expect(explorer.screen.text[0].contains("event \(cursor + 1) of 5"))
        }
        #expect(!explorer.isDone)
        Self.press(&explorer, "q")
        #expect(explorer.isDone)
    }

    @Test func `the state beside an event is the fold up to it`() async throws {
        for seed in 1...6 as ClosedRange<UInt64> {
            let history = History.random(seed: seed)
            let request = try #require(history.rows.first?.requestID)
            let explorer = try await Self.explorer(history, of: request)
            let machine = explorer.walk.machine
            var state = machine.initial
            for (index, step) in explorer.walk.steps.enumerated() {
                #expect(explorer.walk.state(before: index) == state)
                if let event = step.event { machine.evolve(&state, by: event) }
                #expect(explorer.walk.change(at: index).state == machine.document(of: state))
            }
            #expect(explorer.walk.state(before: .max) == state)
        }
    }

    @Test func `few states are kept of a long history`() throws {
        let stream = try PipelineEvent.streamID(request: "R")
        let machine = RequestMachine()
        let event = RequestEvent.row(
            PipelineEvent(tenant: "t", stage: "S", eventType: "E", createdAt: .unixEpoch)
        )
        let steps = (1...5_000).map { (number: UInt64) in
            MachineStep<RequestEvent>(
                position: Position(rawValue: number),
                sequence: SequenceNumber(rawValue: number),
                recordedAt: .unixEpoch,
                occurredAt: .unixEpoch,
                type: "pipeline",
                event: event
            )
        }
        let walk = StreamWalk(steps, of: stream, machine)
        #expect(walk.interval == 70)
        for index in [0, 1, 69, 70, 71, 4_998, 4_999, 5_000] {
            #expect(walk.state(before: index).state.eventCount == UInt64(index))
        }
    }

    @Test func `a search finds predicates and texts, and says where there is nothing`()
        async throws
    {
        var explorer = try await Self.explorer()
        Self.press(&explorer, "g/status == FAILED")
        #expect(explorer.screen.text[13] == "/status == FAILED_")
        explorer.press(.enter)
        #expect(explorer.cursor == 2)
        Self.press(&explorer, "n")
        #expect(explorer.cursor == 2)
        #expect(explorer.screen.text[13] == "no event below has 'status == FAILED'")
        Self.press(&explorer, "g/parse_start")
        explorer.press(.enter)
        #expect(explorer.cursor == 1)
        Self.press(&explorer, "n")
        #expect(explorer.cursor == 3)
        Self.press(&explorer, "N")
        #expect(explorer.cursor == 1)
        Self.press(&explorer, "/atempt > 1")
        explorer.press(.enter)
        #expect(explorer.cursor == 1)
        #expect(explorer.screen.text[13].contains("no field is called 'atempt'; near it: attempt"))
        Self.press(&explorer, "/x")
        explorer.press(.backspace)
        explorer.press(.backspace)
        #expect(explorer.screen.text[13].hasPrefix("j/k step"))
        Self.press(&explorer, "/q")
        explorer.press(.escape)
        #expect(!explorer.isDone)
    }

    @Test func `only events with anomalies can be listed`() async throws {
        var none = try await Self.explorer()
        Self.press(&none, "a")
        #expect(!none.isFiltered && none.screen.text[13] == "no event is odd")
        var history = WhatIfStory.history
        history.add("R-1", "VAL_OK", .completed, minutes: 9, stage: "VALIDATION")
        history.add("R-1", "VAL_START", .started, minutes: 10, stage: "VALIDATION")
        var explorer = try await Self.explorer(history)
        #expect(explorer.screen.text[6].hasPrefix(" ! 6 VAL_OK"))
        Self.press(&explorer, "ga")
        #expect(explorer.isFiltered && explorer.cursor == 5)
        #expect(explorer.screen.text[0].contains("event 6 of 7, 1 with anomalies shown"))
        #expect(explorer.screen.text[1].hasPrefix(">! 6 VAL_OK"))
        #expect(explorer.screen.text.contains { $0.contains("! missing_start") })
        Self.press(&explorer, "aj")
        #expect(explorer.cursor == 6)
    }

    @Test(arguments: [
        (columns: 0, rows: 0), (1, 1), (3, 2), (10, 3), (20, 5), (71, 9), (72, 9), (500, 200),
    ])
    func `every size has a screen that fits it`(size: (columns: Int, rows: Int)) async throws {
        let size = Screen.Size(columns: size.columns, rows: size.rows)
        var explorer = try await Self.explorer(WhatIfStory.history, of: "R-1", size)
        for keys in ["", "g", "l", "?", "x", "/abc", "\u{1}"] {
            Self.press(&explorer, keys)
            let screen = explorer.screen
            #expect(screen.rows.count == size.rows)
            for row in screen.text { #expect(row.count <= size.columns) }
        }
    }

    @Test func `recorded text cannot move the cursor or reach beyond its part`() async throws {
        var history = History()
        let marked = "e" + String(repeating: "\u{301}", count: 5)
        let nasty = "\u{1B}[2J\u{7}\r\n\u{202E}\u{65E5}\u{672C}\u{8A9E} \(marked)"
        for number in 0..<3 {
            let type = String(repeating: nasty, count: 3 + number)
            history.add("R-1", type, .started, minutes: Int64(number)) {
                $0.errorMessage = String(repeating: nasty, count: 40)
                $0.workerID = String(repeating: "\u{1F600}", count: 60)
            }
        }
        let explorer = try await Self.explorer(history, of: "R-1", .init(columns: 90, rows: 30))
        let rows = explorer.screen.rows
        for row in rows {
            for (index, span) in row.enumerated() {
                for scalar in span.text.unicodeScalars {
                    #expect(scalar.properties.generalCategory != .control)
                    #expect(scalar.properties.generalCategory != .format)
                }
                let end = index + 1 < row.count ? row[index + 1].column : 90
                #expect(Self.columns(of: span.text) <= end - span.column)
            }
        }
        #expect(explorer.screen.text[1].contains("\u{65E5}\u{672C}"))
    }

    /// The columns of what the texts of the test above are made of.
    private static func columns(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            switch scalar.value {
            case 0x301: sum
            case 0x3000...0x9FFF, 0x1F600: sum + 2
            default: sum + 1
            }
        }
    }

    @Test func `details that do not fit can be scrolled to`() async throws {
        var explorer = try await Self.explorer()
        #expect(explorer.screen.text[13].hasSuffix("right: more"))
        for _ in 0..<40 { explorer.press(.right) }
        #expect(!explorer.screen.text[13].hasSuffix("right: more"))
        #expect(!explorer.screen.text[1].contains("event 5, at position"))
        for _ in 0..<40 { explorer.press(.left) }
        #expect(explorer.screen.text[1].contains("event 5, at position"))
    }
}

/// Keys from the bytes of terminals.
struct ScreenKeyTests {
    @Test(arguments: [
        ("\u{1B}[A", ScreenKey.up), ("\u{1B}OB", .down), ("\u{1B}[C", .right), ("\u{1B}[D", .left),
        ("\u{1B}[H", .home), ("\u{1B}OF", .end), ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown),
        ("\u{1B}[1~", .home), ("\u{1B}[4~", .end), ("\u{1B}[1;5A", .up), ("\r", .enter),
        ("\u{7F}", .backspace), ("q", .character("q")), ("\u{E9}", .character("\u{E9}")),
        ("\u{1F600}", .character("\u{1F600}")),
    ])
    func `a key is read however its bytes come`(text: String, key: ScreenKey) {
        var whole = ScreenKeyReader()
        #expect(whole.take(text.utf8) == [key])
        var parts = ScreenKeyReader()
        var keys: [ScreenKey] = []
        for byte in text.utf8 { keys += parts.take([byte]) }
        #expect(keys == [key])
        #expect(!parts.isInside)
        var twice = ScreenKeyReader()
        #expect(twice.take((text + text).utf8) == [key, key])
    }

    @Test func `an escape alone is a key after a while`() {
        var reader = ScreenKeyReader()
        #expect(reader.take([0x1B]).isEmpty && reader.isInside)
        #expect(reader.pause() == [.escape] && !reader.isInside)
        #expect(reader.take([0x1B, UInt8(ascii: "x")]) == [.escape, .character("x")])
    }

    @Test func `bytes that are no key are passed over`() {
        var reader = ScreenKeyReader()
        #expect(reader.take([0x01, 0xFF, 0xC0, 0x20, 0x00]) == [.character(" ")])
        #expect(reader.take("\u{1B}[?1;2c".utf8).isEmpty)
        #expect(reader.take(("\u{1B}[" + String(repeating: "1", count: 99)).utf8).isEmpty)
        #expect(reader.pause().isEmpty)
        #expect(reader.take("q".utf8) == [.character("q")])
    }
}
