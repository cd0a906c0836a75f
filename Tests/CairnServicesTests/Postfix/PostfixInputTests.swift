import Cairn
import CairnTestSupport
import Foundation
import Testing

/// Mail logs as files: broken lines, bad bytes, packed, empty, and without a year.
struct PostfixInputTests {
    typealias Lines = PostfixImporterTests

    let scratch: ScratchFolder
    let desk = PostfixDesk()

    init() throws {
        scratch = try ScratchFolder()
    }

    private static let message =
        Lines.beginning("A1B2C3") + [Lines.delivery("A1B2C3", "sent", at: 2)]

    private func run(_ bytes: some Sequence<UInt8>, skipsBad: Bool = false) async throws
        -> PostfixImporter
    {
        var options = ImportOptions()
        options.skipsBadRows = skipsBad
        return try await desk.run([scratch.file("log", bytes)], options: options)
    }

    private func error(_ bytes: some Sequence<UInt8>) async throws -> ImportError? {
        do {
            _ = try await run(bytes)
            return nil
        } catch let error as ImportError {
            return error
        }
    }

    @Test func `a log of empty lines has nothing, and a packed one the same`() async throws {
        #expect(try await error([])?.reason == .empty)
        // It may have been rotated a moment ago.
        let files = [
            try scratch.file("log.1", Self.message.joined(separator: "\n")),
            try scratch.file("log", ""),
        ]
        #expect(try await PostfixDesk().run(files).summary.events == 3)
        #expect(try await run("\n\n \n\t\n".utf8).counts == PostfixCounts(lines: 4))
        let text = Array(Self.message.joined(separator: "\r\n").utf8)
        #expect(try await run(text).summary.events == 3)
        #expect(try await run(gzip(text)).summary.duplicates == 3)
        let half = Array(gzip(text).dropLast(20))
        #expect(try await error(half)?.reason == .truncatedGzip)
        #expect(try await run(Array("\u{FEFF}".utf8) + text).summary.duplicates == 3)
    }

    @Test func `lines of other programs are passed over, whatever their bytes`() async throws {
        let others = [
            "Dec  7 13:28:01 mail dovecot: pop3-login: Login: to=<x>, status=sent (y)",
            "Dec  7 13:28:01 mail postfix/smtp[1]: Trusted TLS connection established",
            "Dec  7 13:28:01 mail postfix/anvil[1]: statistics: max connection rate 2/60s",
            "Dec  7 13:28:01 mail last message repeated 2 times", "Dec  7 13:28:01 mail x",
            "Dec  7 13:28:01 mail postfix/qmgr[1]: A1B2C3: skipped, still being delivered",
            "Dec  7 13:28:01 mail postfix/smtp[1]: A1B2C3: to=<x>, relay=none, delay=1, "
                + "dsn=2.1.5, status=deliverable (ok)",
        ]
        var bytes = Array(others.joined(separator: "\n").utf8)
        bytes += Array("\nDec  7 13:28:01 mail amavis[1]: ".utf8) + [0xFF, 0xFE, 0x00, 0x0A]
        let importer = try await run(bytes)
        #expect(importer.summary.events == 0 && importer.counts.lines == others.count + 1)
    }

    @Test func `a delivery that was broken in two is put together`() async throws {
        let broken = Self.message.joined(separator: "\n")
            .replacing("status=sent (250 ok)", with: "status=sent (250\n\n   ok)")
        #expect(try await run(broken.utf8).summary.events == 3)
        let cut = Self.message.joined(separator: "\n").replacing(", dsn", with: ",\ndsn")
        #expect(try await run(cut.utf8).counts.sent == 1)
    }

    static let malformed: [(line: String, message: String)] = [
        ("nonsense", "it is no line of such a log: no time stands at its start"),
        ("Dec  7 13:28:0", "it is no line of such a log: no time stands at its start"),
        ("Dec  7 13:28:01", "it is no line of such a log: no time stands at its start"),
        ("Dec  7 13:28:01x", "it is no line of such a log: it ends behind its time"),
        ("2020-12-07T13:28:01Zzz h p: m", "the time '2020-12-07T13:28:01Zzz' has a part"),
        ("Dec 32 13:28:01 mail x: y", "the time 'Dec 32 13:28:01' has a part"),
        (
            "Dec  7 13:28:01 mail postfix/smtp[1]: A1B2C3: to=<x>, relay=y",
            "it is no line of such a log: a delivery has no status"
        ),
        (
            "Dec  7 13:28:01 mail postfix/smtp[1]: A1B2C3: to=<x",
            "it is no line of such a log: the recipient has no end"
        ),
    ]

    @Test(arguments: malformed)
    func `a malformed line is reported by its number`(line: String, message: String) async throws {
        let text = (Self.message + [line] + ["Dec  7 13:28:09 mail x: y"]).joined(separator: "\n")
        let error = try #require(try await error(text.utf8))
        #expect(error.place == .line(5))
        #expect("\(error)".contains("line 5: \(message)"), "\(error)")
        let importer = try await run(text.utf8, skipsBad: true)
        #expect(importer.summary.badRows == 1)
        #expect(importer.summary.events + importer.summary.duplicates == 3)
    }

    @Test func `bytes that are no text are reported where they would become a row`() async throws {
        var bytes = Array(Self.message.joined(separator: "\n").utf8)
        let place = try #require(bytes.lastIndex(of: UInt8(ascii: "k")))
        bytes[place] = 0xFF
        #expect(try await error(bytes)?.reason == .invalidUTF8)
        #expect(try await run(bytes, skipsBad: true).summary.badRows == 1)
    }

    @Test func `a line too long for a row is passed over or stops the import`() async throws {
        let long = Array(repeating: UInt8(ascii: "x"), count: 17 << 20)
        let text = Array((Self.message.joined(separator: "\n") + "\n").utf8)
        #expect(
            try await error(text + long + [0x0A])?.reason == .rowTooLong(byteCountMax: 16 << 20)
        )
        #expect(try await run(text + long, skipsBad: true).summary.badRows == 1)
    }

    @Test func `what stands before a bad line is in the journal once it is decided`() async throws {
        let later = Lines.line(30, "qmgr", "X9X9X9: removed")
        let text = (Self.message + [later, "nonsense"]).joined(separator: "\n")
        #expect(try await error(text.utf8)?.place == .line(6))
        #expect(try await desk.rows().count == 3)
    }

    @Test func `a file that is not there is said to be`() async throws {
        await #expect(throws: ImportError(source: "/nowhere/x", reason: .notFound)) {
            try await desk.run(["/nowhere/x"])
        }
    }

    @Test func `an import that is asked to stop does, and goes on later`() async throws {
        let text = Self.message.joined(separator: "\n")
        let path = try scratch.file("log", text)
        var options = ImportOptions()
        options.shouldStop = { true }
        await #expect(throws: ImportError(source: path, reason: .stopped)) {
            try await desk.run([path], options: options)
        }
        #expect(try await desk.run([path]).summary.events == 3)
    }

    /// The clock says 2026-01-01.
    static let years: [(first: String, year: Int?, expected: String)] = [
        ("Dec  7", nil, "2025-12-07"), ("Jan  1", nil, "2026-01-01"), ("Jan  3", nil, "2025-01-03"),
        ("Feb 29", nil, "2024-02-29"), ("Dec  7", 2_019, "2019-12-07"),
    ]

    @Test(arguments: years)
    func `a time without a year is the last one that is not in the future`(
        first: String,
        year: Int?,
        expected: String
    ) async throws {
        let text = Self.message.joined(separator: "\n").replacing("Dec  7", with: first)
        try await desk.run([scratch.file("log", text)], year: year)
        let rows = try await desk.rows()
        #expect(rows.first?.createdTime.rfc3339.prefix(10) == expected[...])
    }

    @Test func `a year ends inside a log, and lines of a second may be out of order`() async throws
    {
        let texts = [
            ("Dec 31 23:59:59", "a@y"), ("Jan  1 00:00:00", "b@y"), ("Dec 31 23:59:59", "c@y"),
            ("Jan  1 00:00:01", "d@y"),
        ]
        let lines = texts.map { stamp, to in
            let line = Lines.delivery("A1B2C3", "deferred", at: 0, to: to)
            return line.replacing("Dec  7 13:28:00", with: stamp)
        }
        try await desk.run([scratch.file("log", lines.joined(separator: "\n"))], year: 2_019)
        let rows = try await desk.rows().filter { $0.fact.kind == .sendRetry }
        let years = rows.map { $0.createdTime.rfc3339.prefix(4) }
        #expect(years == ["2019", "2020", "2019", "2020"])
    }

    @Test func `times with a zone and a fraction are taken as they are`() async throws {
        let text = Self.message.joined(separator: "\n")
            .replacing("Dec  7 13:28:00", with: "2022-01-08T19:42:12.572958+01:00")
            .replacing("Dec  7 13:28:02", with: "2022-01-08T18:42:14Z")
        _ = try await run(text.utf8)
        let page = try await TouchView(desk.journal).touches(of: "r@y")
        #expect(
            page.rows.map { $0.touch.createdTime.rfc3339 } == [
                "2022-01-08T18:42:12.572958Z", "2022-01-08T18:42:14.000000Z",
                "2022-01-08T18:42:14.000000Z",
            ]
        )
        // Recorded as of then, so that a view as of a moment sees what was known.
        #expect(page.rows.first?.recordedAt == page.rows.first?.touch.createdTime)
    }

    @Test func `a long log goes through in batches`() async throws {
        var text = ""
        for number in 0..<2_000 {
            let second = number / 40
            for line in Lines.beginning("A\(100_000 + number)", at: second) { text += line + "\n" }
            text += Lines.delivery("A\(100_000 + number)", "sent", at: second) + "\n"
            text += Lines.line(second, "qmgr", "A\(100_000 + number): removed") + "\n"
        }
        var reports = 0
        let importer = PostfixImporter(into: desk.journal, now: PostfixDesk.now)
        try await importer.run([scratch.file("log", text)], onProgress: { _ in reports += 1 })
        #expect(importer.summary.events == 6_000)
        #expect(reports > 2)
        #expect(importer.counts.lines == 10_000)
    }
}

extension PostfixCounts {
    fileprivate init(lines: Int) {
        self.init()
        self.lines = lines
    }
}
