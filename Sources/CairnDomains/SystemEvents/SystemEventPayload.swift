package import CairnCore

/// What a system event tells beside its type: one JSON object, kept byte for byte.
///
/// At most ``byteCountMax`` bytes: enough to find out what happened, and no place for whole
/// requests and answers. Compared by its bytes here; under an event id it counts as what it
/// means, with members in any order.
public struct SystemEventPayload: Hashable, Sendable {
    /// Largest payload in bytes (64 KiB).
    public static let byteCountMax = 1 << 16

    /// JSON text in UTF-8.
    public let bytes: [UInt8]

    /// Takes JSON text.
    ///
    /// - Throws: ``SystemEventError/payloadTooLarge(byteCount:byteCountMax:)``, and
    ///   ``SystemEventError/payload(_:)`` for what is not one JSON object.
    public init(_ bytes: [UInt8]) throws(SystemEventError) {
        guard bytes.count <= Self.byteCountMax else {
            throw .payloadTooLarge(byteCount: bytes.count, byteCountMax: Self.byteCountMax)
        }
        do throws(JSONError) { _ = try JSONScanner.topLevelRanges(in: bytes.span.bytes) } catch {
            throw .payload(error)
        }
        self.bytes = bytes
    }

    /// Takes JSON text.
    ///
    /// - Throws: ``SystemEventError``.
    public init(_ text: String) throws(SystemEventError) {
        try self.init(Array(text.utf8))
    }

    /// Takes bytes as they are stored.
    package init(stored bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The payload with its `error` cut as ``SystemEventText/error(_:)`` does, where that is a text;
    /// every other byte of it stays.
    public var withErrorCut: SystemEventPayload {
        guard let fields = try? JSONScanner.topLevelRanges(in: bytes.span.bytes) else {
            return self
        }
        var result: [UInt8] = []
        var end = 0
        for field in fields where field.key.hasSameBytes(as: "error") {
            guard case .string(let text)? = try? JSONValue.parse(Array(bytes[field.range])) else {
                continue
            }
            let cut = SystemEventText.error(text)
            guard cut.utf8.count < text.utf8.count else { continue }
            var writer = JSONWriter()
            writer.string(cut)
            result += bytes[end..<field.range.lowerBound] + writer.bytes
            end = field.range.upperBound
        }
        return end == 0 ? self : SystemEventPayload(stored: result + bytes[end...])
    }

    /// Writes an object whose members are bounded by whoever writes them.
    package init(_ members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.beginObject()
        members(&writer)
        writer.endObject()
        bytes = writer.bytes
    }
}

extension SystemEventPayload: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
