internal import CairnCore

/// Tells which members of JSON name personal data, however their names are spelled.
enum PersonalName {
    /// Names that hold personal data wherever they stand, and whatever stands before them, in
    /// words: `phone` is the end of `home_phone`, `contactPhone` and `Phone`.
    private static let endings: [[String]] = [
        ["birth", "date"], ["birthdate"], ["birthday"], ["date", "of", "birth"], ["dateofbirth"],
        ["dob"], ["email"], ["email", "address"], ["first", "name"], ["firstname"],
        ["full", "name"], ["fullname"], ["last", "name"], ["lastname"], ["member", "id"],
        ["memberid"], ["mrn"], ["patient", "id"], ["patientid"], ["patient", "name"],
        ["patientname"], ["phone"], ["phone", "number"], ["phonenumber"], ["ssn"], ["surname"],
        ["home", "address"], ["mailing", "address"], ["postal", "address"], ["street", "address"],
        ["patient", "address"], ["member", "address"], ["customer", "address"],
    ]
    /// Names that do so only as a whole: an `ip_address` is another thing.
    private static let wholes: Set<String> = ["address"]

    /// The first of them that has a value; nil where the bytes are no JSON or have none.
    static func first(in bytes: ArraySlice<UInt8>) -> String? {
        switch bytes.first(where: { $0 > 0x20 }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): break
        default: return nil
        }
        guard let value = try? JSONValue.parse(Array(bytes)) else { return nil }
        return first(in: value, isInside: false)
    }

    private static func first(in value: JSONValue, isInside: Bool) -> String? {
        switch value {
        case .null, .bool, .number: return nil
        case .string(let text):
            // A document that stands in another one as a text; once, as tables write them.
            return isInside ? nil : first(inText: text)
        case .array(let elements):
            return elements.lazy.compactMap { first(in: $0, isInside: isInside) }.first
        case .object(let members):
            for member in members {
                if isValue(member.value), isPersonal(member.key) { return member.key }
                if let inner = first(in: member.value, isInside: isInside) { return inner }
            }
            return nil
        }
    }

    private static func first(inText text: String) -> String? {
        guard text.utf8.first == UInt8(ascii: "{") || text.utf8.first == UInt8(ascii: "["),
            let value = try? JSONValue.parse(Array(text.utf8))
        else { return nil }
        return first(in: value, isInside: true)
    }

    /// Whether something can be told from a value: not that one is there, or that it is empty.
    private static func isValue(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool: false
        case .string(let text): !text.isEmpty
        case .number, .array, .object: true
        }
    }

    private static func isPersonal(_ name: String) -> Bool {
        let words = words(of: name)
        if words.count == 1, wholes.contains(words[0]) { return true }
        return endings.contains { words.suffix($0.count).elementsEqual($0) }
    }

    /// The words of `patient_id`, `patient-id`, `patientId`, `PatientID` and `Patient Id`.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasSmall = false
        for scalar in name.unicodeScalars {
            let isCapital = ("A"..."Z").contains(scalar)
            let isPart = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            if !word.isEmpty, !isPart || (isCapital && wasSmall) {
                words.append(word)
                word = ""
            }
            if isPart { word.unicodeScalars.append(scalar) }
            wasSmall = isPart && !isCapital
        }
        if !word.isEmpty { words.append(word) }
        return words.map { $0.lowercased() }
    }
}
