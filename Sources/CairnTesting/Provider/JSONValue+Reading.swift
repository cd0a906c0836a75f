internal import CairnCore

extension JSONValue {
    var asText: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var asInteger: Int? {
        if case .number(let source) = self { Int(source) } else { nil }
    }

    var asTruth: Bool? {
        if case .bool(let truth) = self { truth } else { nil }
    }

    var asElements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
