internal import CairnCore

extension Report {
    /// The report as one page of HTML in UTF-8, whole in itself.
    ///
    /// It asks for nothing from anywhere, which its content security policy enforces. Recorded
    /// texts are only in its data, in which no byte can end the script element that holds it,
    /// and the page shows them as texts and never as markup.
    ///
    /// - Complexity: The memory of the page twice.
    public var page: [UInt8] {
        var bytes = Array(ReportPage.head.utf8)
        ReportPage.append(json, to: &bytes)
        bytes += ReportPage.tail.utf8
        return bytes
    }

    /// Whether the beginning of a file is that of a report's page.
    ///
    /// - Parameter bytes: The first ``pageMarkByteCount`` bytes of the file, or all that it has.
    /// - Returns: Whether they are what every page begins with.
    public static func isPage(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: ReportPage.mark.utf8)
    }

    /// How many bytes of a file tell whether it is a report's page.
    public static let pageMarkByteCount = ReportPage.mark.utf8.count
}

/// The parts of a report's page that are the same in every one.
enum ReportPage {
    /// What every page begins with, and by which it is known.
    static let mark = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="generator" content="cairn report">

        """

    static let head =
        mark + """
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>cairn report</title>
            <style>
            \(styles.joined(separator: "\n"))
            </style>
            </head>
            \(body)
            <script type="application/json" id="data">
            """

    static let tail = """
        </script>
        <script>
        "use strict";
        (function () {
        \(scripts.joined(separator: "\n"))
        })();
        </script>
        </body>
        </html>

        """

    private static let styles = [styleOfText, styleOfFigures]

    /// In the order in which they need each other.
    private static let scripts = [
        scriptData, scriptFormat, scriptGrid, scriptLanes, scriptRequest, scriptMoment,
        scriptFleet, scriptList, scriptMain, scriptKeys,
    ]

    /// Nothing is loaded, sent or framed; what runs stands in the page.
    static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        + "img-src data:; base-uri 'none'; form-action 'none'"

    /// Adds JSON so that no text in it means anything to the parser of HTML, or turns the
    /// direction in which its source is read.
    ///
    /// Only in the texts of JSON can the bytes stand that are escaped here.
    static func append(_ json: [UInt8], to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + json.count)
        var index = 0
        while index < json.count {
            let byte = json[index]
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0x7F:
                escape(UInt16(byte), to: &bytes)
                index += 1
            // U+2000 to U+207F: separators of lines, and marks of direction.
            case 0xE2 where index + 2 < json.count && (0x80...0x81).contains(json[index + 1]):
                let last = UInt16(json[index + 2] & 0x3F)
                escape(0x2000 | UInt16(json[index + 1] & 1) << 6 | last, to: &bytes)
                index += 3
            // U+FEFF, the mark of byte order.
            case 0xEF where json[index...].starts(with: [0xEF, 0xBB, 0xBF]):
                escape(0xFEFF, to: &bytes)
                index += 3
            default:
                bytes.append(byte)
                index += 1
            }
        }
    }

    private static func escape(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
        for shift: UInt16 in [12, 8, 4, 0] {
            let digit = UInt8(unit >> shift & 15)
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
