internal import CairnCore
internal import CairnDomains

/// Reads tracking events of edX: one JSON object in a line, with blank and `#` lines between.
///
/// A session is a browser's session on one video. `load_video`, or the first `play_video`, is
/// its join event; playing and pausing are a press and its end; `seek_video` only moves the
/// prompt time; `stop_video`, and `page_close` for all videos of the page, is the leave event. An
/// answer that the server graded is a rating, in a session of the problem; a session that nobody
/// names is called `-`. The browser's own report of the same answer is passed over.
///
/// What is held is one line and, for each session, about 500 bytes; for each line 48 bytes, and as
/// much again from the second file on.
struct EdXReader: PromptLogReader {
    /// What was seen of one session so far.
    private struct Sight {
        let session: (name: String, prompt: String, user: String)
        var seconds: Double
        var isLeft = false
    }

    /// A page as one user has it open in one session of a browser.
    private struct OpenPage: Hashable {
        let browser: String
        let user: String
        let page: String
    }

    private var input: InputBytes
    private var lines: LineReader
    private var line: [UInt8] = []
    private var log = PromptLog()
    /// Sessions by their names.
    private var sights: [String: Sight] = [:]
    /// The names of the sessions that a page has, in their order, until it is closed.
    private var openPages: [OpenPage: [String]] = [:]
    private var ordinals = OrdinalCounter()
    /// The lines of earlier files: what they say is known, and is not said again.
    private var earlier = OrdinalCounter()

    init(_ input: InputBytes) {
        self.input = input
        lines = LineReader(input)
    }

    mutating func goOn(with input: InputBytes, prompt: String) {
        self.input = input
        lines = LineReader(input)
        earlier.merge(ordinals)
        ordinals = OrdinalCounter()
    }

    mutating func next(rowCount: Int) throws(ImportError) -> PromptLog? {
        log = PromptLog()
        while log.rows.count < rowCount, log.bad == nil {
            guard let kind = try lines.next(into: &line) else { return log.isEmpty ? nil : log }
            let place = ImportPlace.line(lines.number)
            do throws(RowFault) {
                guard kind == .complete else {
                    throw RowFault(.rowTooLong(byteCountMax: LineReader.rowByteCountMax))
                }
                let first = line.first { $0 != 32 && $0 != 9 }
                guard let first, first != UInt8(ascii: "#") else { continue }
                try take(line, place)
            } catch {
                log.bad = input.error(error.reason, at: place)
            }
        }
        return log
    }

    private mutating func take(_ line: [UInt8], _ place: ImportPlace) throws(RowFault) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue.parse(line) } catch {
            throw RowFault(.malformedJSON(message: error.description))
        }
        let type = try Self.text(value, "event_type")
        let event = Self.event(value["event"])
        guard let plan = Self.plan(type, event) else {
            log.skipped += 1
            return
        }
        let time = try Self.text(value, "time")
        let createdAt: Timestamp
        do throws(Timestamp.FormatError) { createdAt = try Timestamp(rfc3339: time) } catch {
            throw RowFault(.badTime(column: "time", text: time, error))
        }
        let digest = ContentDigest(type: "edx", content: line.span.bytes).hexadecimal
        let ordinal = ordinals.next(of: digest)
        guard !earlier.has(ordinal, of: digest) else {
            log.skipped += 1
            return
        }
        let record = Record(
            name: "\(digest)#\(ordinal)",
            browser: Self.browser(value),
            user: value["username"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? "anonymous",
            page: value["page"]?.string ?? "",
            createdAt: createdAt,
            place: place
        )
        do throws(PromptEventError) { try take(plan, record) } catch {
            throw RowFault(.promptEvent(error))
        }
    }

    /// One line of the log, as far as every plan needs it.
    private struct Record {
        let name: String
        let browser: String
        let user: String
        let page: String
        let createdAt: Timestamp
        let place: ImportPlace

        var openPage: OpenPage { OpenPage(browser: browser, user: user, page: page) }
    }

    /// What a line means.
    private enum Plan {
        case video(id: String, seconds: Double?, [PromptAct])
        case closePage
        case grade(problem: String, rating: Int64)
    }

    private static func plan(_ type: String, _ event: JSONValue?) -> Plan? {
        if type == "page_close" { return .closePage }
        if type == "problem_check" {
            guard let problem = event?["problem_id"]?.string, !problem.isEmpty,
                let grade = event?["grade"]?.double, let rating = Int64(exactly: grade)
            else { return nil }
            return .grade(problem: problem, rating: rating)
        }
        let acts: [PromptAct]
        switch type {
        case "load_video", "seek_video": acts = []
        case "play_video": acts = [.pressStart]
        case "pause_video": acts = [.pressEnd]
        case "stop_video": acts = [.leave]
        default: return nil
        }
        guard let id = event?["id"]?.string, !id.isEmpty else { return nil }
        let time = event?[type == "seek_video" ? "new_time" : "currentTime"]?.double
        return .video(id: id, seconds: time, acts)
    }

    private mutating func take(_ plan: Plan, _ record: Record) throws(PromptEventError) {
        switch plan {
        case .closePage:
            for name in openPages[record.openPage, default: []] where !isLeft(name) {
                try add(.leave, name, record, part: name)
            }
            // A session is left once, so no later close asks for these.
            openPages[record.openPage] = nil
        case .video(let id, let seconds, let acts):
            // Refused before anything of the session is changed.
            if let seconds { _ = try PromptTime(seconds) }
            let name = try begin(id, record, at: seconds)
            for act in acts { try add(act, name, record, part: "") }
        case .grade(let problem, let rating):
            let name = try begin(problem, record, at: nil)
            try add(.numericResponse(rating: rating), name, record, part: "")
        }
    }

    /// Finds the session of a video or a problem, with its join event if it is new.
    private mutating func begin(
        _ prompt: String,
        _ record: Record,
        at seconds: Double?
    ) throws(PromptEventError) -> String {
        let name = "\(record.browser)/\(record.user)/\(prompt)"
        if sights[name] == nil {
            let sight = Sight(
                session: (name: name, prompt: prompt, user: record.user),
                seconds: seconds ?? 0
            )
            log.rows.append(try Self.row(.join, sight, record, part: "join"))
            sights[name] = sight
            openPages[record.openPage, default: []].append(name)
        } else if let seconds {
            sights[name]?.seconds = seconds
        }
        return name
    }

    private func isLeft(_ name: String) -> Bool { sights[name]?.isLeft ?? true }

    private mutating func add(
        _ act: PromptAct,
        _ name: String,
        _ record: Record,
        part: String
    ) throws(PromptEventError) {
        guard let sight = sights[name] else { return }
        log.rows.append(try Self.row(act, sight, record, part: part))
        if act == .leave { sights[name]?.isLeft = true }
    }

    private static func row(
        _ act: PromptAct,
        _ sight: Sight,
        _ record: Record,
        part: String
    ) throws(PromptEventError) -> PromptImportRow {
        try PromptImportRow(
            naming: ["edx", record.name, act.kind.rawValue, part],
            session: sight.session,
            act,
            at: sight.seconds,
            createdAt: record.createdAt,
            place: record.place
        )
    }

    /// A member that must be there, and a text.
    private static func text(_ value: JSONValue, _ key: String) throws(RowFault) -> String {
        switch value[key] {
        case .string(let text): return text
        case .null, nil: throw RowFault(.missingValue(column: key))
        case .bool, .number, .array, .object:
            throw RowFault(.wrongType(column: key, expected: "a text"))
        }
    }

    /// The browser's session, which the server names elsewhere, if it knows it at all.
    private static func browser(_ value: JSONValue) -> String {
        let names = [value["session"]?.string, value["context"]?["session"]?.string]
        return names.compactMap(\.self).first { !$0.isEmpty } ?? "-"
    }

    /// The member `event`, which is an object or the text of one; form data and lists say nothing.
    private static func event(_ value: JSONValue?) -> JSONValue? {
        switch value {
        case .object: value
        case .string(let text): try? JSONValue.parse(Array(text.utf8))
        case .null, .bool, .number, .array, nil: nil
        }
    }
}

extension JSONValue {
    fileprivate var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    fileprivate var double: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }
}
