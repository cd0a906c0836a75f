internal import CairnDomains

/// Turns the elements of an XES log into rows; knows where in the log the parser is.
final class XESHandler: XMLHandler {
    /// Largest sum of the attributes of one event or trace, in bytes.
    static let attributesByteCountMax = LineReader.rowByteCountMax

    private enum Scope {
        case document, log, trace, event
    }

    private let source: String
    private let prefix: String
    private let tenant: String
    private var scope = Scope.document
    /// How many elements deep the parser is in something that is passed over.
    private var ignoredDepth = 0
    private var trace = XESCase()
    private var attributes: [XESAttribute] = []
    /// The attributes that are open, outermost first; nil for a list's `values` element.
    private var open: [XESAttribute?] = []
    private var byteCount = 0
    private var fault: ImportReason?
    private var ordinals = OrdinalCounter()
    /// Rows that were read and not yet taken.
    private var items: [ImportItem] = []
    private var itemIndex = 0

    init(source: String, prefix: String, tenant: String) {
        self.source = source
        self.prefix = prefix
        self.tenant = tenant
    }

    /// Takes the oldest row that was read.
    func takeItem() -> ImportItem? {
        guard itemIndex < items.count else {
            items.removeAll(keepingCapacity: true)
            itemIndex = 0
            return nil
        }
        defer { itemIndex += 1 }
        return items[itemIndex]
    }

    func started(_ name: String, _ attributes: XMLAttributes, in parser: XMLPushParser) {
        if ignoredDepth > 0 {
            ignoredDepth += 1
            return
        }
        switch (scope, name) {
        case (.document, "log"): scope = .log
        case (.document, _): parser.stop(.notALog(element: name))
        case (.log, "trace"):
            scope = .trace
            trace = XESCase()
            reset()
        case (.trace, "event") where open.isEmpty:
            // The schema puts what a trace carries before its events.
            takeTraceAttributes()
            scope = .event
            reset()
        case (.trace, "values"), (.event, "values"): open.append(nil)
        case (.trace, _), (.event, _):
            guard let kind = XESAttribute.Kind(rawValue: name) else {
                ignoredDepth = 1
                return
            }
            begin(kind, attributes)
        case (.log, _): ignoredDepth = 1
        }
    }

    func ended(_ name: String, in parser: XMLPushParser) {
        if ignoredDepth > 0 {
            ignoredDepth -= 1
            return
        }
        if !open.isEmpty { return endAttribute() }
        switch scope {
        case .event:
            endEvent(line: parser.line)
            scope = .trace
            reset()
        case .trace: scope = .log
        case .log, .document: scope = .document
        }
    }

    private func reset() {
        attributes.removeAll(keepingCapacity: true)
        byteCount = 0
        fault = nil
    }

    private func begin(_ kind: XESAttribute.Kind, _ xml: XMLAttributes) {
        let key = xml["key"]
        if key == nil { fault = fault ?? .missingValue(column: "key") }
        let attribute = XESAttribute(kind: kind, key: key ?? "", value: xml["value"] ?? "")
        byteCount += attribute.byteCount
        if byteCount > Self.attributesByteCountMax {
            fault = .rowTooLong(byteCountMax: Self.attributesByteCountMax)
            attributes = []
        }
        open.append(attribute)
    }

    private func endAttribute() {
        // The end of a `values` element: what it held is in the list already.
        guard let attribute = open.removeLast() else { return }
        guard byteCount <= Self.attributesByteCountMax else { return }
        if let parent = open.lastIndex(where: { $0 != nil }) {
            open[parent]?.children.append(attribute)
        } else {
            attributes.append(attribute)
        }
    }

    private func takeTraceAttributes() {
        guard !attributes.isEmpty else { return }
        for attribute in attributes {
            if attribute.key == "concept:name", trace.name == nil {
                trace.name = attribute.value
            } else {
                trace.attributes.append(attribute)
            }
        }
    }

    private func endEvent(line: Int) {
        let name = trace.name ?? ""
        let request = prefix.isEmpty ? name : "\(prefix)-\(name)"
        let ordinal = ordinals.next(of: request)
        let place = ImportPlace.event(case: name, ordinal: Int(ordinal), line: line)
        do throws(RowFault) {
            if trace.name == nil || request.isEmpty {
                throw RowFault(.missingValue(column: "concept:name of the trace"))
            }
            if let fault { throw RowFault(fault) }
            if let twice = firstRepeatedKey() { throw RowFault(.duplicateKey(name: twice)) }
            var event = try trace.event(of: attributes, tenant: tenant)
            let number = Int64(ordinal)
            event.sequenceNumber = number
            let key = ImportKey.sequenceNumber(number)
            items.append(.row(ImportRow(request: request, key: key, event: event, place: place)))
        } catch {
            items.append(.bad(ImportError(source: source, place: place, reason: error.reason)))
        }
    }

    private func firstRepeatedKey() -> String? {
        guard attributes.count > 16 else {
            // Comparing few keys with each other costs less than hashing them.
            for (index, attribute) in attributes.enumerated() {
                let isRepeated = attributes[..<index].contains { $0.key == attribute.key }
                if isRepeated { return attribute.key }
            }
            return nil
        }
        var seen: Set<String> = []
        return attributes.first { !seen.insert($0.key).inserted }?.key
    }
}
