/// Where a property is checked.
package struct CallSite: Hashable, Sendable {
    package let fileID: String
    package let filePath: String
    package let line: Int
    /// The function around it, as the compiler names it.
    let function: String

    package var module: String { String(fileID.prefix { $0 != "/" }) }
    var fileName: String { fileID.split(separator: "/").last.map(String.init) ?? fileID }
}

/// How a property is reached again from another test: the function that checks it.
struct PropertyCaller: Hashable, Sendable {
    /// Why there is none; nil where there is.
    var obstacle: String?
    var function = SourceScan.Function()
    var imports: [String] = []
    var fileName = ""
    /// How values are written in its file.
    var literals = SwiftLiteralStyle()
    /// The framework that its file is for.
    var style = RegressionStyle.swiftTesting

    /// Looks into the source of the call, which is there where tests are built and run.
    init(_ site: CallSite) {
        fileName = site.fileName
        guard let bytes = try? CorpusFolder.bytes(ofFile: site.filePath) else {
            obstacle = "the source of the call is not there"
            return
        }
        let scan = SourceScan(bytes)
        imports = scan.imports
        literals = SwiftLiteralStyle(module: site.module, openModules: scan.openModules)
        if imports.contains("import XCTest"), !imports.contains("import Testing") {
            style = .xcTest
        }
        guard let function = scan.function(named: site.function, line: site.line) else {
            obstacle = "no function of the call is found in its source"
            return
        }
        self.function = function
        if function.isInTestCase { style = .xcTest }
        obstacle = function.obstacle
    }
}
