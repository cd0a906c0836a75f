internal import CairnCore

/// One attribute of a trace or event of a log, with what is nested in it.
struct XESAttribute {
    enum Kind: String {
        case string, date, int, float, boolean, id, list, container
    }

    let kind: Kind
    let key: String
    let value: String
    var children: [XESAttribute] = []

    /// How much of the bound on an event's size the attribute takes.
    var byteCount: Int { key.utf8.count + value.utf8.count + 32 }

    /// Adds the attribute's value as typed JSON.
    ///
    /// Numbers stay the text they are; what is no JSON number, such as `NaN`, and dates and ids
    /// become strings. A list becomes an array of objects with one key each, a container an
    /// object, and any other attribute with nested ones `{"value": ..., "attributes": {...}}`.
    func write(to writer: inout JSONWriter) {
        switch kind {
        case .list:
            writer.beginArray()
            for child in children {
                writer.beginObject()
                writer.key(child.key)
                child.write(to: &writer)
                writer.endObject()
            }
            writer.endArray()
        case .container: writeChildren(to: &writer)
        case .string, .date, .int, .float, .boolean, .id:
            guard !children.isEmpty else { return writeScalar(to: &writer) }
            writer.beginObject()
            writer.key("value")
            writeScalar(to: &writer)
            writer.key("attributes")
            writeChildren(to: &writer)
            writer.endObject()
        }
    }

    private func writeChildren(to writer: inout JSONWriter) {
        writer.beginObject()
        for child in children {
            writer.key(child.key)
            child.write(to: &writer)
        }
        writer.endObject()
    }

    private func writeScalar(to writer: inout JSONWriter) {
        switch kind {
        case .int, .float:
            guard JSONNumber(value) != nil else { return writer.string(value) }
            writer.verbatim(value.utf8)
        case .boolean:
            switch value {
            case "true", "1": writer.bool(true)
            case "false", "0": writer.bool(false)
            default: writer.string(value)
            }
        case .string, .date, .id, .list, .container: writer.string(value)
        }
    }
}
