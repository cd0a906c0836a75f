internal import CairnCore
internal import CairnDomains

/// Turns the elements of an XES log into rows; knows where in the log the parser is.
final class XESHandler: XMLHandler {
    /// Largest sum of the attributes of one event or trace, in bytes.
    static let attributesByteCountMax = LineReader.rowByteCountMax

    private enum Scope {
        case document, log, trace, event
    }

    /// An event that was read and waits for what may still follow it in its trace.
    private struct HeldEvent {
        let attributes: [XESAttribute]
        let fault: ImportReason?
        let line: Int
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
    private var held: HeldEvent?
    /// What is wrong with what the trace itself carries: its next event is a bad row for it.
    private var traceFault: ImportReason?
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
            traceFault = nil
            reset()
        case (.trace, "event") where open.isEmpty:
            endHeldEvent()
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
            held = HeldEvent(attributes: attributes, fault: fault, line: parser.line)
            scope = .trace
            reset()
        case .trace:
            // The schema puts what a trace carries before its events; where it comes after the
            // last one, that one takes it.
            takeTraceAttributes()
            endHeldEvent()
            scope = .log
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
            // What the events of a trace are called is known even if the rest is not kept.
            if scope == .trace { takeTraceName() }
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

    private func takeTraceName() {
        guard trace.name == nil,
            let index = attributes.firstIndex(where: { $0.key == "concept:name" })
        else { return }
        trace.name = attributes.remove(at: index).value
    }

    private func takeTraceAttributes() {
        if let fault { traceFault = traceFault ?? fault }
        takeTraceName()
        trace.attributes += attributes
    }

    private func endHeldEvent() {
        guard let event = held else { return }
        held = nil
        // They belong to this event even if it is a bad row: once it is mended it has them.
        defer { trace.attributes = [] }
        let name = trace.name ?? ""
        let request = prefix.isEmpty ? name : "\(prefix)-\(name)"
        let ordinal = ordinals.next(of: request)
        let place = ImportPlace.event(case: name, ordinal: Int(ordinal), line: event.line)
        do throws(RowFault) {
            if let traceFault {
                // Said once, unless it is why no event of the trace has a name.
                if trace.name != nil { self.traceFault = nil }
                throw RowFault(traceFault)
            }
            if trace.name == nil || request.isEmpty {
                throw RowFault(.missingValue(column: "concept:name of the trace"))
            }
            if let fault = event.fault { throw RowFault(fault) }
            if let twice = Self.firstRepeatedKey(of: event.attributes) {
                throw RowFault(.duplicateKey(name: twice))
            }
            var row = try trace.event(of: event.attributes, tenant: tenant)
            let number = Int64(ordinal)
            row.sequenceNumber = number
            let key = ImportKey.sequenceNumber(number)
            items.append(.row(ImportRow(request: request, key: key, event: row, place: place)))
        } catch {
            items.append(.bad(ImportError(source: source, place: place, reason: error.reason)))
        }
    }

    private static func firstRepeatedKey(of attributes: [XESAttribute]) -> String? {
        guard attributes.count > 16 else {
            // Comparing few keys with each other costs less than hashing them.
            for (index, attribute) in attributes.enumerated() {
                let isRepeated = attributes[..<index].contains {
                    $0.key.hasSameBytes(as: attribute.key)
                }
                if isRepeated { return attribute.key }
            }
            return nil
        }
        var seen: Set<ExactText> = []
        return attributes.first { !seen.insert(ExactText($0.key)).inserted }?.key
    }
}
