internal import ArgumentParser
internal import CairnIncident

/// Where a bundle goes, and what of the original it keeps.
struct BundleMakingOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The bundle's folder, which must not exist.", valueName: "path"),
        completion: .directory
    )
    var output: String

    @Option(
        help: ArgumentHelp(
            "The key of the stand-ins: a file of at least 32 bytes, to be kept secret.",
            valueName: "file"
        ),
        completion: .file()
    )
    var keyFile: String?

    @Flag(help: "Keep everything as it is: names, texts and times.")
    var keepPayloads = false

    @Flag(help: "Keep times.")
    var keepTimes = false

    @Flag(help: "Keep all numbers.")
    var keepNumbers = false

    func options() throws(CommandFailure) -> BundleOptions {
        var options = BundleOptions(key: try key())
        options.keepsPayloads = keepPayloads
        options.keepsTimes = keepPayloads || keepTimes
        options.keepsNumbers = keepPayloads || keepNumbers
        return options
    }

    private func key() throws(CommandFailure) -> [UInt8] {
        guard let keyFile else {
            var numbers = SystemRandomNumberGenerator()
            return (0..<BundleOptions.keyByteCount).map { _ in
                UInt8.random(in: .min ... .max, using: &numbers)
            }
        }
        let key = try FileBytes.read(keyFile)
        guard key.count >= BundleOptions.keyByteCount else {
            throw CommandFailure(
                .badInput,
                "\(keyFile) has \(Wording.counted(key.count, "byte")); a key has at least "
                    + "\(BundleOptions.keyByteCount): 'head -c 32 /dev/urandom > FILE' makes one"
            )
        }
        return key
    }
}

extension Details {
    /// Adds what of the original a bundle keeps.
    mutating func add(whatIsKept manifest: BundleManifest) {
        add("names", .text(manifest.keepsPayloads ? "kept" : "keyed"))
        add("times", .text(manifest.keepsTimes ? "kept" : "moved"))
        add("numbers", .text(manifest.keepsNumbers ? "kept" : "keyed"))
    }
}
