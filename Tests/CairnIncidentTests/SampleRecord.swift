import CairnCore
import CairnIncident

/// A record of no real kind, with a field of each kind, as a user of predicates would write one.
struct SampleRecord: FieldResolver {
    enum Field: String, PredicateField {
        case name, status, attempt, ratio
        case durationMilliseconds = "duration_ms"
        case isOpen = "open"
        case at, age, metadata

        var kind: FieldKind {
            switch self {
            case .name, .status: .text
            case .attempt, .ratio: .number
            case .durationMilliseconds: .milliseconds
            case .isOpen: .boolean
            case .at: .time
            case .age: .span
            case .metadata: .document
            }
        }

        func canonicalSpelling(of word: String) -> String {
            self == .status && word == "SUCCESS" ? "COMPLETED" : word
        }
    }

    var name: String? = "PAGW-1"
    var status = "COMPLETED"
    var attempt: Int64 = 3
    var ratio = "0.1"
    var durationMilliseconds: Int64? = 1_500
    var isOpen: Bool? = true
    var at: Timestamp? = Timestamp(nanoseconds: 0)
    var age = TimeSpan.seconds(900)
    var metadata: String? = #"""
        {"diagnosisCount":12,"targetSystem":"carelon","text":"12","flag":true,"nothing":null,
         "big":9007199254740993,"codes":["A1","B2",3],"a.b":{"c":1},"when":"2025-12-25T10:00:00Z"}
        """#

    func value(of field: Field, at path: JSONPath) -> PredicateValue {
        switch field {
        case .name: .text(name)
        case .status: .text(status)
        case .attempt: .integer(attempt)
        case .ratio: JSONNumber(ratio).map { .number($0) } ?? .absent
        case .durationMilliseconds: .integer(durationMilliseconds)
        case .isOpen: isOpen.map { .boolean($0) } ?? .absent
        case .at: .time(at)
        case .age: .span(age)
        case .metadata: PredicateValue(json: metadata.map { Array($0.utf8) }, at: path)
        }
    }
}
