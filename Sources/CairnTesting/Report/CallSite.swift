/// Where a property is checked.
struct CallSite: Hashable, Sendable {
    let fileID: String
    let filePath: String
    let line: Int
    /// The function around it, as the compiler names it.
    let function: String

    var module: String { String(fileID.prefix { $0 != "/" }) }
    var fileName: String { fileID.split(separator: "/").last.map(String.init) ?? fileID }
}

/// How a property is reached again from another test: the function that checks it.
struct PropertyCaller: Hashable, Sendable {
    /// Why there is none; nil where there is.
    var obstacle: String?
    var function = SourceScan.Function()
    var imports: [String] = []
    var fileName = ""
    var style = SwiftLiteralStyle()

    /// Looks into the source of the call, which is there where tests are built and run.
    init(_ site: CallSite) {
        fileName = site.fileName
        guard let bytes = try? CorpusFolder.bytes(ofFile: site.filePath) else {
            obstacle = "the source of the call is not there"
            return
        }
        let scan = SourceScan(bytes)
        imports = scan.imports
        style = SwiftLiteralStyle(module: site.module, openModules: scan.openModules)
        guard let function = scan.function(named: site.function, line: site.line) else {
            obstacle = "no function of the call is found in its source"
            return
        }
        self.function = function
        obstacle = function.obstacle
        // A function of a test case class is not one that Swift Testing may call.
        if imports.contains("import XCTest"), !imports.contains("import Testing") {
            obstacle = "its file is one of XCTest"
        }
    }
}
