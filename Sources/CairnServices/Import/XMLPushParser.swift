internal import CExpat

/// Gets the elements of an XML text as they are read.
protocol XMLHandler: AnyObject {
    func started(_ name: String, _ attributes: XMLAttributes, in parser: XMLPushParser)
    func ended(_ name: String, in parser: XMLPushParser)
}

/// Reads XML chunk by chunk through expat, with bounds on what an input may cost.
///
/// Entities cannot be declared, because a document type is refused, so none can expand or load
/// anything. Nesting and the length of one token are bounded.
final class XMLPushParser {
    static let depthMax = 60
    /// Longest single tag, comment or instruction in bytes.
    ///
    /// Expat scans an unfinished one again with each chunk, so the bound keeps that work small.
    static let tokenByteCountMax = 4 << 20

    private let parser: OpaquePointer?
    private let handler: any XMLHandler
    private var depth = 0
    private var fedByteCount = 0
    /// What stopped the parser.
    private var stopReason: ImportReason?

    init(_ handler: any XMLHandler) {
        self.handler = handler
        parser = XML_ParserCreate(nil)
        // Unretained: expat calls back only inside `feed`, while this object is in use.
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetElementHandler(
            parser,
            { data, name, attributes in
                guard let name, let attributes else { return }
                XMLPushParser.from(data)?.start(name, XMLAttributes(pointer: attributes))
            },
            { data, name in
                guard let name else { return }
                XMLPushParser.from(data)?.end(name)
            }
        )
        XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in
            XMLPushParser.from(data)?.stop(.documentType)
        }
    }

    deinit {
        XML_ParserFree(parser)
    }

    /// The line of the element that is being handled, counted from 1.
    var line: Int { Int(XML_GetCurrentLineNumber(parser)) }

    /// Parses the next bytes.
    ///
    /// - Returns: What is wrong with the text; nothing may be fed after it.
    func feed(_ bytes: [UInt8], isLast: Bool) -> ImportReason? {
        fedByteCount += bytes.count
        let status = bytes.withUnsafeBytes { buffer in
            XML_Parse(
                parser,
                buffer.bindMemory(to: CChar.self).baseAddress,
                Int32(buffer.count),
                isLast ? 1 : 0
            )
        }
        if let stopReason { return stopReason }
        guard status == XML_STATUS_OK else {
            let message = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) }
            return .malformedXML(message: message ?? "")
        }
        let unfinished = fedByteCount - Int(XML_GetCurrentByteIndex(parser))
        guard isLast || unfinished <= Self.tokenByteCountMax else {
            return .tokenTooLong(byteCountMax: Self.tokenByteCountMax)
        }
        return nil
    }

    /// Ends parsing after the element that is being handled.
    func stop(_ reason: ImportReason) {
        guard stopReason == nil else { return }
        stopReason = reason
        XML_StopParser(parser, 0)
    }

    private func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) {
        guard stopReason == nil else { return }
        depth += 1
        guard depth <= Self.depthMax else { return stop(.nestedTooDeep(depthMax: Self.depthMax)) }
        handler.started(Self.localName(name), attributes, in: self)
    }

    private func end(_ name: UnsafePointer<CChar>) {
        guard stopReason == nil else { return }
        depth -= 1
        handler.ended(Self.localName(name), in: self)
    }

    /// The name without a namespace prefix.
    private static func localName(_ name: UnsafePointer<CChar>) -> String {
        var local = name
        var place = name
        while place.pointee != 0 {
            if place.pointee == CChar(bitPattern: UInt8(ascii: ":")) { local = place + 1 }
            place += 1
        }
        return String(cString: local)
    }

    private static func from(_ data: UnsafeMutableRawPointer?) -> XMLPushParser? {
        data.map { Unmanaged<XMLPushParser>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// The attributes of a start tag; valid only while it is being handled.
struct XMLAttributes {
    let pointer: UnsafeMutablePointer<UnsafePointer<CChar>?>

    /// The value of an attribute, its character references resolved.
    subscript(name: StaticString) -> String? {
        var place = pointer
        while let key = place[0] {
            if Self.isEqual(key, name) { return place[1].map { String(cString: $0) } }
            place += 2
        }
        return nil
    }

    private static func isEqual(_ text: UnsafePointer<CChar>, _ name: StaticString) -> Bool {
        name.withUTF8Buffer { name in
            for (index, byte) in name.enumerated() {
                guard UInt8(bitPattern: text[index]) == byte else { return false }
            }
            return text[name.count] == 0
        }
    }
}
