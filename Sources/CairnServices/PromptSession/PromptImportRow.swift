internal import CairnCore
internal import CairnDomains

/// One event of an imported log: whose it is, and what happened.
struct PromptImportRow: Sendable {
    let session: PromptSessionID
    let owner: PromptSessionOwner
    let event: PromptEvent
    let place: ImportPlace

    /// Puts a row together.
    ///
    /// - Parameters:
    ///   - parts: What names the event in its source: the same in every import.
    ///   - session: The session's name, the prompt and the user.
    ///   - act: What happened.
    ///   - seconds: The prompt time.
    ///   - createdAt: The wall clock.
    ///   - place: Where it stands.
    /// - Throws: `PromptEventError`.
    init(
        naming parts: [String],
        session: (name: String, prompt: String, user: String),
        _ act: PromptAct,
        at seconds: Double,
        createdAt: Timestamp,
        place: ImportPlace
    ) throws(PromptEventError) {
        var fields = FieldWriter()
        for (tag, part) in parts.enumerated() { fields.text(UInt8(truncatingIfNeeded: tag), part) }
        let digest = ContentDigest(type: "ipe", content: fields.finish().span.bytes)
        self.session = try PromptSessionID(session.name)
        owner = try PromptSessionOwner(prompt: session.prompt, user: session.user)
        event = PromptEvent(
            uid: try PromptEventUID(PromptEventUID.prefix + digest.hexadecimal.prefix(32)),
            act: act,
            promptTime: try PromptTime(seconds),
            createdAt: createdAt
        )
        self.place = place
    }
}

/// What a log of participants is.
public enum PromptLogFormat: String, Hashable, Sendable, CaseIterable {
    /// Comments on a video with the time in it: one JSON array, as nicovideo.jp has them.
    case timedComments = "timed-comments"
    /// Tracking events of edX: one JSON object in a line.
    case edx
}

/// Reads a log of participants from front to back.
protocol PromptLogReader {
    /// Reads on until there are about as many rows, or one that is none.
    ///
    /// - Returns: What was read; nil at the end.
    /// - Throws: What makes the rest of the input unreadable.
    mutating func next(rowCount: Int) throws(ImportError) -> PromptLog?

    /// Goes on with the next file of the same log; sessions go on with it.
    mutating func goOn(with input: InputBytes, prompt: String)
}

/// What reading a part of a log came to.
struct PromptLog: Sendable {
    var rows: [PromptImportRow] = []
    /// Records that mean nothing to a prompt, or that an earlier file has.
    var skipped = 0
    /// The record after those rows that is not what the format says.
    var bad: ImportError?

    var isEmpty: Bool { rows.isEmpty && skipped == 0 && bad == nil }
}
