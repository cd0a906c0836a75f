internal import CairnCore
internal import CairnDomains
public import Logging

/// The handler of ``SystemEventLog``: hands warnings and errors over and drops everything else.
///
/// The level is WARN for a warning, and ERROR for an error and for what is critical. A message
/// that is the name of an event type, such as `stripe.webhook_failure`, is its type; any other
/// one stands in the payload, of type `log.warning`, `log.error` or `log.critical`. The metadata
/// stands in the payload under `metadata`, sorted by its keys, and an integer in it under
/// `lead_id` is the event's lead.
public struct SystemEventLogHandler: LogHandler {
    /// What is below it is not logged; nothing below a warning is, whatever it says.
    public var logLevel: Logger.Level = .warning
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let log: SystemEventLog

    init(label: String, log: SystemEventLog) {
        self.label = label
        self.log = log
    }

    /// A value of the handler's own metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Hands a message over; the work of writing it down as JSON is done here, and no more.
    public func log(event: LogEvent) {
        guard let (level, fallback) = Self.kind(of: event.level), !SystemEventLog.isWriting else {
            return
        }
        log.offer { systemEvent(of: event, level, fallback) }
    }

    private func systemEvent(
        of event: LogEvent,
        _ level: SystemEventLevel,
        _ fallback: SystemEventType
    ) -> SystemEvent {
        var metadata = self.metadata
        if let provided = metadataProvider?.get() { metadata.merge(provided) { $1 } }
        if let given = event.metadata { metadata.merge(given) { $1 } }
        let message = event.message.description
        let type = try? SystemEventType(message)
        let payload = SystemEventPayload { payload in
            if type == nil { payload.member("message", SystemEventText.error(message)) }
            payload.member("label", SystemEventText.field(label))
            payload.member("source", SystemEventText.field(event.source))
            if let error = event.error {
                payload.member("error_type", SystemEventText.field("\(Swift.type(of: error))"))
                payload.member("error", SystemEventText.error("\(error)"))
            }
            LogMetadataWriter.write(metadata, to: &payload)
        }
        return SystemEvent(
            level,
            type ?? fallback,
            leadID: metadata["lead_id"].flatMap(Self.leadID),
            payload: payload
        )
    }

    /// The level and the type of what has no name of its own; nil for what is not written.
    private static func kind(
        of level: Logger.Level
    ) -> (SystemEventLevel, SystemEventType)? {
        switch level {
        case .trace, .debug, .info, .notice: nil
        case .warning: (.warn, .logWarning)
        case .error: (.error, .logError)
        case .critical: (.error, .logCritical)
        }
    }

    private static func leadID(_ value: Logger.Metadata.Value) -> LeadID? {
        let text: String
        switch value {
        case .string(let value): text = value
        case .stringConvertible(let value): text = value.description
        case .array, .dictionary: return nil
        }
        return Int64(text).map(LeadID.init(rawValue:))
    }
}

/// Writes the metadata of a message as JSON of bounded size, depth and order.
struct LogMetadataWriter {
    /// Where metadata is cut, in bytes; the value that passes it is still whole.
    static let byteCountMax = 4_096
    /// Deepest nesting.
    static let depthMax = 8

    private var writer: JSONWriter
    private let byteCountEnd: Int
    private var isCut = false

    /// Adds the member `metadata`, and `metadata_cut` where something of it was left out.
    static func write(_ metadata: Logger.Metadata, to payload: inout JSONWriter) {
        guard !metadata.isEmpty else { return }
        var writer = LogMetadataWriter(
            writer: payload,
            byteCountEnd: payload.bytes.count + byteCountMax
        )
        writer.writer.key("metadata")
        writer.write(.dictionary(metadata), depth: 0)
        if writer.isCut { writer.writer.member("metadata_cut", true) }
        payload = writer.writer
    }

    private mutating func write(_ value: Logger.Metadata.Value, depth: Int) {
        switch value {
        case .string(let text): writer.string(SystemEventText.field(text))
        case .stringConvertible(let value): writer.string(SystemEventText.field(value.description))
        case .array where depth >= Self.depthMax, .dictionary where depth >= Self.depthMax:
            isCut = true
            writer.null()
        case .array(let values):
            writer.beginArray()
            for value in values {
                guard hasRoom() else { break }
                write(value, depth: depth + 1)
            }
            writer.endArray()
        case .dictionary(let members):
            writer.beginObject()
            // No hash order: the same message is the same bytes in every run.
            for key in members.keys.sorted(by: { $0.hasBytes(before: $1) }) {
                guard let value = members[key], hasRoom() else { break }
                writer.key(SystemEventText.field(key))
                write(value, depth: depth + 1)
            }
            writer.endObject()
        }
    }

    /// Whether there is room for one more value.
    private mutating func hasRoom() -> Bool {
        guard writer.bytes.count < byteCountEnd else {
            isCut = true
            return false
        }
        return true
    }
}
