/// A value that says how it is written in a source.
///
/// A regression test shows the values that a case drew. Numbers, texts, collections, tuples,
/// enumerations and what is made of them need nothing. A structure is written as a call of the
/// initialiser that has all its stored properties in order: one that has no such initialiser says
/// here what makes an equal value.
///
/// ```swift
/// extension Money: SwiftLiteralConvertible {
///     var swiftLiteral: String { "Money(cents: \(cents))" }
/// }
/// ```
public protocol SwiftLiteralConvertible {
    /// An expression that makes an equal value, whatever type is expected where it stands.
    var swiftLiteral: String { get }
}

/// What may be taken for granted where a value is written.
struct SwiftLiteralStyle: Hashable, Sendable {
    /// The module that the source becomes part of: its types are named without it.
    var module = ""
    /// Modules whose internal initialisers can be called.
    var openModules: Set<String> = []
}

/// A value as an expression, with what has to be imported for it.
struct SwiftLiteral: Hashable, Sendable {
    let text: String
    let modules: Set<String>

    /// Writes a value as an expression whose type is known without any context.
    ///
    /// - Returns: Nil for a value that no expression is known to make: an object, a function, one
    ///   whose type is private, or a structure whose initialiser may be out of reach.
    init?<Value>(_ value: Value, style: SwiftLiteralStyle) {
        var printer = SwiftLiteralPrinter(style: style)
        guard let text = printer.expression(of: value) else { return nil }
        let isDefault =
            Value.self == Bool.self || Value.self == Int.self || Value.self == Double.self
            || Value.self == String.self
        if isDefault || printer.isExplicit(value) {
            self.text = text
        } else {
            guard let type = printer.name(of: Value.self) else { return nil }
            self.text = "\(text) as \(type)"
        }
        modules = printer.modules
    }
}

extension SwiftLiteral {
    /// A text as a literal of one line.
    ///
    /// Letters stand as they are; everything else beyond ASCII is named by number, because what
    /// cannot be seen, or joins what stands before it, cannot be reviewed.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            default:
                if isLetter(scalar) {
                    quoted.unicodeScalars.append(scalar)
                } else {
                    quoted += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
                }
            }
        }
        return quoted + "\""
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter:
            // Fillers are letters without a shape.
            !scalar.properties.isDefaultIgnorableCodePoint
        default: false
        }
    }
}
