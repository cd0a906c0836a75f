/// The tables of the five sources, whose rows are imported and exported.
public enum SourceTable: String, CaseIterable, Sendable {
    /// The touch log of seed 000.
    case touch
    /// The interactions of seed 001.
    case interaction
    /// The event tracker of seed 002.
    case pipeline
    /// The system events of seed 003.
    case system
    /// The events of prompt sessions of seed 004.
    case prompt

    /// What the source calls the table.
    public var name: String {
        switch self {
        case .touch: "user_touch_debug_log"
        case .interaction: "interactions"
        case .pipeline: "event_tracker"
        case .system: "system_events"
        case .prompt: "interactive_prompt_events"
        }
    }

    /// The columns in the order in which the source has them, and after them one of Cairn's own.
    public var columns: [TableColumn] {
        switch self {
        case .touch: Self.touchColumns
        case .interaction: Self.interactionColumns
        case .pipeline: Self.pipelineColumns
        case .system: Self.systemColumns
        case .prompt: Self.promptColumns
        }
    }

    /// The order in which rows are appended where nobody asks for another.
    ///
    /// What comes after a session's leave event counts in no total, so prompt events are appended in
    /// the order in which they happened, however a query listed them.
    public var standardOrder: ImportOrder {
        switch self {
        case .touch, .interaction, .pipeline, .system: .file
        case .prompt: .time
        }
    }

    /// The place of a column with a name; nil if there is none.
    public func column(named name: String) -> Int? { shape.column(named: name) }

    var shape: TableShape { TableShape(name: name, columns: columns) }

    private static let touchColumns = [
        TableColumn("id", .integer),
        TableColumn("uid", .text, isRequired: true),
        TableColumn("user_id", .name, isRequired: true),
        TableColumn("event", .document, isRequired: true),
        TableColumn("created_at", .real, isRequired: true),
    ]

    private static let interactionColumns = [
        TableColumn("id", .integer),
        TableColumn("interaction_uuid", .text, isRequired: true, characterCountMax: 36),
        TableColumn("customer_id", .name, isRequired: true),
        TableColumn("idempotency_key", .text, characterCountMax: 255),
        TableColumn("channel", .text, isRequired: true),
        TableColumn("status", .text, isRequired: true),
        TableColumn("body_content", .text),
        TableColumn("notify_reference", .text, characterCountMax: 100),
        TableColumn("provider_reference", .text, characterCountMax: 100),
        TableColumn("meta_data", .json),
        TableColumn("created_at", .time, isRequired: true),
        TableColumn("in_doubt", .integer, isOwn: true),
    ]

    private static let pipelineColumns = [
        TableColumn("id", .integer),
        TableColumn("tenant", .text, isRequired: true, characterCountMax: 64),
        TableColumn("pagw_id", .text, isRequired: true, characterCountMax: 64),
        TableColumn("stage", .text, isRequired: true, characterCountMax: 64),
        TableColumn("event_type", .text, isRequired: true, characterCountMax: 64),
        TableColumn("status", .text),
        TableColumn("sequence_no", .integer),
        TableColumn("attempt", .integer),
        TableColumn("retryable", .boolean),
        TableColumn("next_retry_at", .time),
        TableColumn("external_reference", .text, characterCountMax: 256),
        TableColumn("duration_ms", .integer),
        TableColumn("error_code", .text, characterCountMax: 64),
        TableColumn("error_message", .text),
        TableColumn("worker_id", .text, characterCountMax: 128),
        TableColumn("service_name", .text, characterCountMax: 128),
        TableColumn("started_at", .time),
        TableColumn("completed_at", .time),
        TableColumn("created_at", .time, isRequired: true),
        TableColumn("metadata", .json),
        TableColumn("event_id", .text, isOwn: true),
    ]

    private static let systemColumns = [
        TableColumn("id", .integer),
        TableColumn("created_at", .time, isRequired: true),
        TableColumn("level", .text, isRequired: true, characterCountMax: 10),
        TableColumn("event_type", .text, isRequired: true, characterCountMax: 100),
        TableColumn("lead_id", .integer),
        TableColumn("payload", .json),
        TableColumn("event_id", .text, isOwn: true),
    ]

    private static let promptColumns = [
        TableColumn("id", .integer),
        TableColumn("uid", .text, isRequired: true),
        TableColumn("interactive_prompt_session_id", .name, isRequired: true),
        TableColumn("evtype", .text, isRequired: true),
        TableColumn("data", .document, isRequired: true),
        TableColumn("prompt_time", .real, isRequired: true),
        TableColumn("created_at", .real, isRequired: true),
    ]
}

/// What rows of a table look like, for those who read and write them.
struct TableShape: Sendable {
    let name: String
    let columns: [TableColumn]

    /// Whose session each one is: what the rows of prompt events leave out.
    static let sessions = TableShape(
        name: "sessions",
        columns: [
            TableColumn("session", .name, isRequired: true),
            TableColumn("prompt", .name, isRequired: true),
            TableColumn("user", .name, isRequired: true),
        ]
    )

    /// The shape of rows that may leave a column out.
    func allowing(without name: String) -> TableShape {
        var columns = columns
        if let place = column(named: name) { columns[place].isRequired = false }
        return TableShape(name: self.name, columns: columns)
    }

    /// The place of a column with a name; nil if there is none.
    func column(named name: String) -> Int? {
        columns.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

/// A column of a source's table.
public struct TableColumn: Hashable, Sendable {
    /// What stands in its cells.
    public enum Kind: Hashable, Sendable {
        /// A whole number of 64 bits.
        case integer
        /// What something else is called: a whole number in the source, and any text here.
        case name
        /// A Double.
        case real
        case boolean
        case text
        /// An instant; of a column without a zone, in UTC.
        case time
        /// JSON, which stands in JSON lines as it is.
        case json
        /// JSON in a text column, which stands in JSON lines as a string.
        case document
    }

    public let name: String
    public let kind: Kind
    /// Whether the source wants a value in every row and has no default for it.
    public internal(set) var isRequired: Bool
    /// Most characters that the source has room for; nil where it states none.
    public let characterCountMax: Int?
    /// Whether it is no column of the source, and stands only where a row needs it: the journal's id
    /// of the event, or the attempt of an interaction of which nobody knows whether it was sent.
    public let isOwn: Bool

    init(
        _ name: String,
        _ kind: Kind,
        isRequired: Bool = false,
        characterCountMax: Int? = nil,
        isOwn: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.characterCountMax = characterCountMax
        self.isOwn = isOwn
    }

    /// What a JSON row must have for a value, in words.
    var expectation: String {
        switch kind {
        case .integer: "a whole number"
        case .name: "a whole number or a string"
        case .real: "a number"
        case .boolean: "true or false"
        case .text, .time: "a string"
        case .json: "JSON"
        case .document: "a string with JSON in it, or an object"
        }
    }
}
