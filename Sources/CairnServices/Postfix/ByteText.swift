/// A piece of a line, searched by its bytes: most lines of a log are passed over as bytes.
struct ByteText {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var isEmpty: Bool { bytes.isEmpty }
    var last: UInt8? { bytes.last }

    /// The text, with what is not UTF-8 repaired.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    var isValid: Bool { String(validating: bytes, as: UTF8.self) != nil }

    func hasPrefix(_ word: StaticString) -> Bool {
        guard word.utf8CodeUnitCount <= bytes.count else { return false }
        var place = bytes.startIndex
        return word.withUTF8Buffer { word in
            for byte in word {
                if bytes[place] != byte { return false }
                place += 1
            }
            return true
        }
    }

    /// What follows a prefix; nil where the text does not begin with it.
    func after(prefix word: StaticString) -> ByteText? {
        hasPrefix(word) ? ByteText(bytes.dropFirst(word.utf8CodeUnitCount)) : nil
    }

    /// The text before and after the first place of a word; nil where it is not there.
    func split(at word: StaticString) -> (before: ByteText, after: ByteText)? {
        let count = word.utf8CodeUnitCount
        guard let first = word.withUTF8Buffer({ $0.first }) else { return nil }
        var rest = bytes
        while rest.count >= count, let place = rest.firstIndex(of: first) {
            rest = rest[place...]
            if ByteText(rest).hasPrefix(word) {
                return (ByteText(bytes[..<place]), ByteText(rest.dropFirst(count)))
            }
            rest = rest.dropFirst()
        }
        return nil
    }

    /// The text before and after the last place of a word; nil where it is not there.
    func splitLast(at word: StaticString) -> (before: ByteText, after: ByteText)? {
        var found: (before: ByteText, after: ByteText)?
        var rest = self
        while let (_, after) = rest.split(at: word) {
            let end = bytes.count - after.bytes.count - word.utf8CodeUnitCount
            found = (ByteText(bytes.prefix(end)), after)
            rest = after
        }
        return found
    }

    /// The letters and digits that the text begins with, if there are neither too few nor too
    /// many for the name of a queue's file.
    var queueID: (id: ByteText, rest: ByteText)? {
        let id = bytes.prefix { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: false
            }
        }
        guard (5...32).contains(id.count) else { return nil }
        return (ByteText(id), ByteText(bytes[id.endIndex...]))
    }

    /// The bytes up to a byte, and those after it; nil where it is not there.
    func split(at byte: UInt8) -> (before: ByteText, after: ByteText)? {
        guard let place = bytes.firstIndex(of: byte) else { return nil }
        return (ByteText(bytes[..<place]), ByteText(bytes[(place + 1)...]))
    }

    func dropLast(_ byte: UInt8) -> ByteText {
        bytes.last == byte ? ByteText(bytes.dropLast()) : self
    }
}
