/// Cuts texts that come from outside, so that no error message fills a log.
///
/// A character is what a reader takes for one (an extended grapheme cluster), and none is ever
/// cut in two. As one such character may have any number of bytes, bytes are bounded, too: those
/// that the text has in JSON, where a control character takes six.
public enum SystemEventText {
    /// Most characters of an error text.
    public static let errorCharacterCountMax = 200
    /// Most bytes of an error text in JSON: 200 of the longest emoji sequences there are.
    public static let errorByteCountMax = 7_168
    /// Most characters of another text, such as an id of a provider.
    public static let fieldCharacterCountMax = 255
    /// Most bytes of another text in JSON: 255 characters of four bytes each.
    public static let fieldByteCountMax = 1_024

    /// An error text in at most ``errorCharacterCountMax`` characters.
    public static func error(_ text: String) -> String {
        cut(text, characterCountMax: errorCharacterCountMax, byteCountMax: errorByteCountMax)
    }

    /// An id, a name or a word in at most ``fieldCharacterCountMax`` characters.
    public static func field(_ text: String) -> String {
        cut(text, characterCountMax: fieldCharacterCountMax, byteCountMax: fieldByteCountMax)
    }

    /// As many whole characters from the start as fit both bounds.
    ///
    /// - Complexity: The bound in bytes, whatever the length of the text.
    static func cut(_ text: String, characterCountMax: Int, byteCountMax: Int) -> String {
        // No more characters than bytes, and at most six bytes in JSON for each: most texts.
        if text.utf8.count <= min(characterCountMax, byteCountMax / 6) { return text }
        let window = window(of: text, byteCount: byteCountMax)
        var end = window.startIndex
        var byteCount = 0
        var characterCount = 0
        while end < window.endIndex, characterCount < characterCountMax {
            let next = window.index(after: end)
            byteCount += byteCountInJSON(window.utf8[end..<next])
            // A character that the window's end cuts is beyond the bound as well.
            guard byteCount <= byteCountMax else { break }
            end = next
            characterCount += 1
        }
        return String(window[..<end])
    }

    private static func byteCountInJSON(_ bytes: Substring.UTF8View.SubSequence) -> Int {
        bytes.reduce(0) { count, byte in
            switch byte {
            case 0x22, 0x5C: count + 2
            case 0..<0x20: count + 6
            default: count + 1
            }
        }
    }

    /// The beginning of a text up to the first whole scalar beyond a count of bytes.
    ///
    /// Finding a character's end reads all of it, and one may go on for megabytes.
    private static func window(of text: String, byteCount: Int) -> Substring {
        let bytes = text.utf8
        guard
            var end = bytes.index(
                bytes.startIndex,
                offsetBy: byteCount + 1,
                limitedBy: bytes.endIndex
            )
        else { return text[...] }
        while end < bytes.endIndex, bytes[end] & 0xC0 == 0x80 { bytes.formIndex(after: &end) }
        return text[..<end]
    }
}
