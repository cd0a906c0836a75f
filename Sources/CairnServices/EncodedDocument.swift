internal import CairnCore

/// Metadata that stands in a JSON string, as a table with a text column gives it.
///
/// A string that holds a JSON object, array or string is taken for the value that it holds. So
/// that nothing is taken out of a string that was meant as one, the writer puts metadata that is
/// itself such a string into a string once more.
enum EncodedDocument {
    /// Whether the text of a string is taken for the value that it holds.
    static func isHeld(in text: RawSpan) -> Bool {
        var start = 0
        while start < text.byteCount, text.byte(at: start) <= 0x20 { start += 1 }
        guard start < text.byteCount else { return false }
        switch text.byte(at: start) {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
            do {
                try JSONScanner.validate(text)
                return true
            } catch {
                return false
            }
        default: return false
        }
    }

    /// Whether JSON text is a string that would be taken for the value that it holds.
    static func isLookalike(_ json: ArraySlice<UInt8>) -> Bool {
        guard json.first == UInt8(ascii: "\""),
            case .string(let text)? = try? JSONValue.parse(Array(json))
        else { return false }
        return isHeld(in: Array(text.utf8).span.bytes)
    }
}
