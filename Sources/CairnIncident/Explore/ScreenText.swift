/// Text as a terminal shows it: in columns, of which some characters take two and some none.
enum ScreenText {
    /// Most marks that are set on one character; more of them paint over other lines.
    private static let markCountMax = 3

    /// The text without what could move the cursor or turn the reading direction, cut to a width.
    ///
    /// - Returns: The text and the columns it takes: at most as many as there is room for.
    static func fitted(_ text: String, to width: Int) -> (text: String, width: Int) {
        var whole = String.UnicodeScalarView()
        var columns = 0
        // Where to cut, should the text be too long: before the last two columns.
        var head = (scalars: String.UnicodeScalarView(), columns: 0)
        var markCount = 0
        for scalar in text.unicodeScalars {
            guard let shown = shown(scalar) else { continue }
            let count = Self.columns(of: shown)
            markCount = count == 0 ? markCount + 1 : 0
            if count == 0, markCount > markCountMax || whole.isEmpty { continue }
            guard columns + count <= width else {
                guard width > 2 else { return (String(whole), columns) }
                return (String(head.scalars) + "..", head.columns + 2)
            }
            whole.append(shown)
            columns += count
            if columns <= width - 2 { head = (whole, columns) }
        }
        return (String(whole), columns)
    }

    /// The text in lines of a width, all but the first one indented.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        guard self.width(of: text) > width else { return [text] }
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var columns = 0
        for scalar in text.unicodeScalars {
            guard let shown = shown(scalar) else { continue }
            let count = Self.columns(of: shown)
            if columns + count > width {
                lines.append(String(line))
                line = String.UnicodeScalarView(indent.unicodeScalars)
                columns = indent.utf8.count
            }
            line.append(shown)
            columns += count
        }
        return lines + [String(line)]
    }

    private static let indent = "    "

    /// The columns that a text takes.
    static func width(of text: String) -> Int { fitted(text, to: .max).width }

    /// What is shown for a scalar; nil for nothing.
    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        if scalar.isASCII { return scalar.value < 32 || scalar.value == 127 ? "?" : scalar }
        switch scalar.value {
        // Joiners and variants, about whose width terminals disagree.
        case 0x200C, 0x200D, 0xFE00...0xFE0F, 0xE0100...0xE01EF: return nil
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .privateUse,
            .unassigned:
            return "?"
        default: return scalar
        }
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        // Vowels and ends of Hangul syllables, which join the character before.
        case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18DFF, 0x1B000...0x1B2FF,
            0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            return 2
        default: return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }
}
