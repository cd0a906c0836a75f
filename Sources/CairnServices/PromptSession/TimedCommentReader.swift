internal import CairnCore
internal import CairnDomains

/// Reads comments on a video: one JSON array of `{id, vpos, date, date_usec, content, owner,
/// user_id}`.
///
/// `vpos` is the prompt time in hundredths of a second, and may be negative; `date` is the wall
/// clock. A session is one user's, or one comment's where no user is named, and begins with a join
/// event of our own beside the first of its comments in the file. Applause is a like, any other text is the answer
/// to a word prompt with one of ``wordCount`` words. The owner's scripts are not participants'.
/// They number their comments apart from the users, so a comment is known by its number and
/// whether the owner wrote it.
struct TimedCommentReader: PromptLogReader {
    /// How many words the texts of comments fall into.
    static let wordCount: UInt64 = 64

    private var input: InputBytes
    private var prompt: String
    private var comments: JSONArrayReader
    private var bytes: [UInt8] = []
    private var joined: Set<PromptSessionID> = []
    private var count = 0

    /// Reads the comments of a file.
    ///
    /// - Parameters:
    ///   - input: The file; one comment of it is held at a time, and the names of its sessions.
    ///   - prompt: The name of what is commented on.
    init(_ input: InputBytes, prompt: String) {
        self.input = input
        self.prompt = prompt
        comments = JSONArrayReader(input)
    }

    mutating func goOn(with input: InputBytes, prompt: String) {
        self.input = input
        self.prompt = prompt
        comments = JSONArrayReader(input)
        count = 0
    }

    mutating func next(rowCount: Int) throws(ImportError) -> PromptLog? {
        var log = PromptLog()
        while log.rows.count < rowCount, log.bad == nil {
            guard try comments.next(into: &bytes) else { return log.isEmpty ? nil : log }
            count += 1
            let place = ImportPlace.event(case: prompt, ordinal: count, line: nil)
            do throws(RowFault) {
                let comment: JSONValue
                do throws(JSONError) { comment = try JSONValue.parse(bytes) } catch {
                    throw RowFault(.malformedJSON(message: error.description))
                }
                if case .bool(true)? = comment["owner"] {
                    log.skipped += 1
                    continue
                }
                let rows = try Self.rows(of: comment, prompt: prompt, place)
                let isFirst = joined.insert(rows[0].session).inserted
                log.rows += isFirst ? rows : Array(rows.dropFirst())
            } catch {
                log.bad = input.error(error.reason, at: place)
            }
        }
        return log
    }

    /// The join event that a comment brings if it is the first of its session, and its own.
    private static func rows(
        of comment: JSONValue,
        prompt: String,
        _ place: ImportPlace
    ) throws(RowFault) -> [PromptImportRow] {
        let id = try integer(comment, "id")
        let user = try optionalInteger(comment, "user_id").map(String.init) ?? "#\(id)"
        guard case .string(let text)? = comment["content"] else {
            throw RowFault(.wrongType(column: "content", expected: "a text"))
        }
        let microseconds = try optionalInteger(comment, "date_usec") ?? 0
        guard (0..<1_000_000).contains(microseconds) else {
            throw RowFault(.outOfRange(column: "date_usec", text: "\(microseconds)"))
        }
        let date = try integer(comment, "date")
        let createdAt = Timestamp.unixEpoch.adding(.seconds(date))
            .adding(TimeSpan(nanoseconds: microseconds * 1_000))
        guard createdAt > .distantPast, createdAt < .distantFuture else {
            throw RowFault(.outOfRange(column: "date", text: "\(date)"))
        }
        let seconds = Double(try integer(comment, "vpos")) / 100
        let session = (name: "\(prompt)/\(user)", prompt: prompt, user: user)
        do throws(PromptEventError) {
            let act =
                isApplause(text)
                ? PromptAct.like
                : .wordResponse(try PromptChoice(Int64(text.stableDigest % wordCount)))
            return [
                try PromptImportRow(
                    naming: ["timed-comments", "join", session.name],
                    session: session,
                    .join,
                    at: seconds,
                    createdAt: createdAt,
                    place: place
                ),
                try PromptImportRow(
                    naming: ["timed-comments", "comment", prompt, String(id)],
                    session: session,
                    act,
                    at: seconds,
                    createdAt: createdAt,
                    place: place
                ),
            ]
        } catch {
            throw RowFault(.promptEvent(error))
        }
    }

    private static func optionalInteger(
        _ comment: JSONValue,
        _ column: String
    ) throws(RowFault) -> Int64? {
        switch comment[column] {
        case .null, nil: nil
        case .bool, .number, .string, .array, .object: try integer(comment, column)
        }
    }

    private static func integer(
        _ comment: JSONValue,
        _ column: String
    ) throws(RowFault) -> Int64 {
        guard let value = comment[column] else { throw RowFault(.missingValue(column: column)) }
        guard case .number(let text) = value else {
            throw RowFault(.wrongType(column: column, expected: "a whole number"))
        }
        guard let number = JSONNumber(text)?.integer() else {
            throw RowFault(.notAnInteger(column: column, text: text))
        }
        return number
    }

    /// Clapping (`8888`), laughing (`www`) and `GJ`, in narrow or wide letters.
    static func isApplause(_ text: String) -> Bool {
        if text.utf8.elementsEqual("GJ".utf8) { return true }
        let eights = text.unicodeScalars.prefix { $0 == "8" || $0 == "\u{FF18}" }
        if eights.count >= 4 { return true }
        let laughs: Set<Unicode.Scalar> = ["w", "W", "\u{FF57}", "\u{FF37}"]
        return text.unicodeScalars.count >= 3 && text.unicodeScalars.allSatisfy(laughs.contains)
    }
}
