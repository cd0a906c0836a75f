/// Writes values as expressions, by what reflection knows of them.
struct SwiftLiteralPrinter {
    let style: SwiftLiteralStyle
    /// What has to be imported.
    private(set) var modules: Set<String> = []
    private var depth = 0

    /// Deeper values are not written: nobody would read them, and a compiler might give up.
    private static let depthMax = 16

    init(style: SwiftLiteralStyle) {
        self.style = style
    }

    /// The expression; nil where none is known to make the value.
    mutating func expression(of value: Any) -> String? {
        guard depth < Self.depthMax else { return nil }
        depth += 1
        defer { depth -= 1 }
        let mirror = Mirror(reflecting: value)
        // First of all, because a cast sees what is inside.
        if mirror.displayStyle == .optional { return optional(mirror) }
        if let convertible = value as? any SwiftLiteralConvertible {
            _ = name(of: type(of: value))
            return convertible.swiftLiteral
        }
        if let text = Self.scalar(value) ?? foundation(value) { return text }
        switch mirror.displayStyle {
        case .collection, .set, .dictionary: return collection(value, mirror)
        case .tuple: return parenthesised(mirror.children)
        case .enum: return enumeration(value, mirror)
        case .struct: return structure(value, mirror)
        default: return range(value, mirror)
        }
    }

    mutating func name(of type: Any.Type) -> String? {
        guard let name = SwiftTypeName(type, module: style.module) else { return nil }
        modules.formUnion(name.modules)
        return name.text
    }

    /// Whether the expression names the value's type itself.
    func isExplicit(_ value: Any) -> Bool {
        let style = Mirror(reflecting: value).displayStyle
        if style == .optional { return false }
        if value is any SwiftLiteralConvertible || value is Duration { return true }
        return (style == .enum || style == .struct) && Self.scalar(value) == nil
    }
}

extension SwiftLiteralPrinter {
    /// Types that are written in a way of their own.
    private static func scalar(_ value: Any) -> String? {
        switch value {
        case let value as Bool: "\(value)"
        case let value as any FixedWidthInteger: "\(value)"
        case let value as Double: real(value, value.bitPattern, Double.nan.bitPattern)
        case let value as Float: real(value, value.bitPattern, Float.nan.bitPattern)
        case let value as String: SwiftLiteral.quoted(value)
        case let value as Substring: SwiftLiteral.quoted(String(value))
        case let value as Character: SwiftLiteral.quoted(String(value))
        case let value as Unicode.Scalar: SwiftLiteral.quoted(String(value))
        case let value as Duration:
            "Swift.Duration(secondsComponent: \(value.components.seconds), "
                + "attosecondsComponent: \(value.components.attoseconds))"
        default: nil
        }
    }

    private static func real<Real: BinaryFloatingPoint & CustomStringConvertible>(
        _ value: Real,
        _ pattern: some FixedWidthInteger,
        _ plainNaN: some FixedWidthInteger
    ) -> String {
        let type = "\(Real.self)"
        if value.isInfinite { return (value < 0 ? "-" : "") + type + ".infinity" }
        if value.isNaN, pattern == plainNaN { return type + ".nan" }
        // Compilers warn of literals that small, and no literal tells one NaN from another.
        if value.isNaN || value.isSubnormal {
            return "\(type)(bitPattern: 0x\(String(pattern, radix: 16)))"
        }
        return value.description
    }

    private mutating func optional(_ mirror: Mirror) -> String? {
        guard let child = mirror.children.first else { return "nil" }
        guard let wrapped = expression(of: child.value) else { return nil }
        // A case named `none`, or another optional, would be taken for the outer one.
        return Self.scalar(child.value) == nil ? ".some(\(wrapped))" : wrapped
    }

    private mutating func collection(_ value: Any, _ mirror: Mirror) -> String? {
        let isDictionary = mirror.displayStyle == .dictionary
        guard isDictionary || value is any ExpressibleByArrayLiteral else { return nil }
        var items: [String] = []
        for child in mirror.children {
            if isDictionary {
                let pair = Array(Mirror(reflecting: child.value).children)
                guard pair.count == 2, let key = expression(of: pair[0].value),
                    let value = expression(of: pair[1].value)
                else { return nil }
                items.append("\(key): \(value)")
            } else {
                guard let item = expression(of: child.value) else { return nil }
                items.append(item)
            }
        }
        // Where the order means nothing it differs from run to run.
        if mirror.displayStyle != .collection { items.sort() }
        if items.isEmpty { return isDictionary ? "[:]" : "[]" }
        return "[\(items.joined(separator: ", "))]"
    }

    private mutating func range(_ value: Any, _ mirror: Mirror) -> String? {
        let name = String(reflecting: type(of: value))
        let bounds = Array(mirror.children)
        guard bounds.count == 2, let lower = expression(of: bounds[0].value),
            let upper = expression(of: bounds[1].value)
        else { return nil }
        if name.hasPrefix("Swift.ClosedRange<") { return "(\(lower)...\(upper))" }
        return name.hasPrefix("Swift.Range<") ? "(\(lower)..<\(upper))" : nil
    }
}

extension SwiftLiteralPrinter {
    /// Values in parentheses, with the labels that they have.
    private mutating func parenthesised(_ children: Mirror.Children) -> String? {
        var items: [String] = []
        for child in children {
            guard let item = expression(of: child.value) else { return nil }
            let label = child.label.flatMap { $0.hasPrefix(".") ? nil : SwiftName.label($0) }
            items.append((label.map { "\($0): " } ?? "") + item)
        }
        return "(\(items.joined(separator: ", ")))"
    }

    /// A case with what it carries.
    ///
    /// Reflection shows several values and one tuple of them alike; several are more likely.
    private mutating func enumeration(_ value: Any, _ mirror: Mirror) -> String? {
        guard !(value is any CustomReflectable), let type = name(of: type(of: value)) else {
            return nil
        }
        guard let child = mirror.children.first else {
            if !(value is any CustomStringConvertible || value is any CustomDebugStringConvertible)
            {
                return "\(type).\(SwiftName.member("\(value)"))"
            }
            guard let raw = (value as? any RawRepresentable)?.rawValue,
                let text = expression(of: raw)
            else { return nil }
            return "\(type)(rawValue: \(text))!"
        }
        guard let label = child.label else { return nil }
        let payload = Mirror(reflecting: child.value)
        let isList = payload.displayStyle == .tuple && !payload.children.isEmpty
        let arguments =
            isList
            ? parenthesised(payload.children) : expression(of: child.value).map { "(\($0))" }
        return arguments.map { "\(type).\(SwiftName.member(label))\($0)" }
    }

    /// A call of the initialiser that has all stored properties in order.
    private mutating func structure(_ value: Any, _ mirror: Mirror) -> String? {
        let full = String(reflecting: type(of: value))
        let module = String(full.prefix { $0 != "." })
        let isOpen = module == style.module || style.openModules.contains(module)
        guard isOpen, !(value is any CustomReflectable),
            !mirror.children.contains(where: { Self.isHidden($0.label) }),
            let type = name(of: type(of: value)),
            let arguments = parenthesised(mirror.children)
        else { return nil }
        return type + arguments
    }

    /// Whether a stored property is the compiler's, behind a wrapper or made when first asked for.
    private static func isHidden(_ label: String?) -> Bool {
        label.map { $0.hasPrefix("_") || $0.hasPrefix("$") } ?? true
    }

    /// Types of Foundation, which is not imported for them.
    private mutating func foundation(_ value: Any) -> String? {
        let name = String(reflecting: type(of: value))
        guard name.hasPrefix("Foundation"), let dot = name.firstIndex(of: ".") else { return nil }
        let text: String? =
            switch name[name.index(after: dot)...] {
            case "UUID": "UUID(uuidString: \(SwiftLiteral.quoted("\(value)")))!"
            case "Decimal": "Decimal(string: \(SwiftLiteral.quoted("\(value)")))!"
            case "Date":
                Mirror(reflecting: value).descendant("timeIntervalSinceReferenceDate")
                    .flatMap { Self.scalar($0) }
                    .map { "Date(timeIntervalSinceReferenceDate: \($0))" }
            case "Data":
                // Reflection shows the bytes of short ones only.
                (Mirror(reflecting: value).descendant("bytes") as? [UInt8])
                    .map { "Data(\($0) as [UInt8])" }
            default: nil
            }
        if text != nil { modules.insert("Foundation") }
        return text
    }
}

/// Names as they are written at some place of a source.
enum SwiftName {
    /// A name behind a dot, where only a few words mean something else.
    static func member(_ name: String) -> String {
        let isTaken = ["self", "Self", "init", "Type", "Protocol"].contains(name)
        return isTaken || !isPlain(name) ? escaped(name) : name
    }

    /// A label of an argument, where only a few words mean something else.
    static func label(_ name: String) -> String {
        let isTaken = ["inout", "let", "var"].contains(name)
        return isTaken || !isPlain(name) ? escaped(name) : name
    }

    private static func escaped(_ name: String) -> String {
        let written = spaced(name)
        return written.hasPrefix("`") ? written : "`\(written)`"
    }

    /// A name with the spaces of its source: at run time it has others in their place.
    static func spaced(_ name: String) -> String {
        var written = ""
        for scalar in name.unicodeScalars {
            written.unicodeScalars.append(scalar == "\u{A0}" ? " " : scalar)
        }
        return written
    }

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.first, !first.isNumber else { return false }
        return name.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber || !$0.isASCII }
    }
}
