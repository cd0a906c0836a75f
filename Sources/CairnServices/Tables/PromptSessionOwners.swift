public import CairnDomains

/// Whose sessions are: what the source's `interactive_prompt_sessions` says.
///
/// Rows of prompt events name a session and nothing else; its prompt and its user stand in
/// another table. All of it is held in memory: about 200 bytes for a session.
public struct PromptSessionOwners: Sendable {
    /// The columns of the input: CSV or JSON lines.
    public static let columnNames = ["session", "prompt", "user"]

    private var owners: [PromptSessionID: (owner: PromptSessionOwner, line: Int)] = [:]
    private var source = ""

    public init() {}

    /// How many sessions are known.
    public var count: Int { owners.count }

    /// Whose a session is; nil where nobody said.
    public subscript(session: PromptSessionID) -> PromptSessionOwner? { owners[session]?.owner }

    /// Where it is said whose a session is.
    func place(of session: PromptSessionID) -> (source: String, line: Int)? {
        owners[session].map { (source, $0.line) }
    }

    /// Reads a table of sessions: each has a name, a prompt and a user.
    ///
    /// - Parameter path: CSV with a header, or JSON lines, plain or packed with gzip; `-` is
    ///   standard input.
    /// - Throws: ``ImportError``: the first row that is none, or one that contradicts another.
    public init(path: String) throws(ImportError) {
        let input = try InputBytes(path: path)
        source = path
        switch ImportFormat.detected(in: input.beginning) {
        case .csv: try read(input, .csv)
        case .jsonl: try read(input, .jsonl)
        case .xes, .temporal, nil:
            throw input.error(input.beginning.isEmpty ? .empty : .unknownFormat)
        }
    }

    private mutating func read(
        _ input: InputBytes,
        _ format: ImportFormat
    ) throws(ImportError) {
        var reader = try TableShape.sessions.reader(of: input, format)
        while let item = try reader.next() {
            switch item {
            case .bad(let error): throw error
            case .row(let row, let line):
                do throws(RowFault) { try take(row, line) } catch {
                    throw input.error(error.reason, at: .line(line))
                }
            }
        }
    }

    private mutating func take(_ row: TableRow, _ line: Int) throws(RowFault) {
        let session: PromptSessionID
        let owner: PromptSessionOwner
        let name = try row.requiredText(0)
        let prompt = try row.text(1) ?? ""
        let user = try row.text(2) ?? ""
        do throws(PromptEventError) {
            session = try PromptSessionID(name)
            owner = try PromptSessionOwner(prompt: prompt, user: user)
        } catch {
            throw RowFault(.promptEvent(error))
        }
        if let known = owners.updateValue((owner, line), forKey: session)?.owner, known != owner {
            throw RowFault(.promptSession(.otherOwner(known)))
        }
    }
}
