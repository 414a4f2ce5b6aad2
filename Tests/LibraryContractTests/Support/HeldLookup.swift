import Dispatch
import Glibc
import Synchronization

/// A name whose look-up hangs until the test lets it go: no network, no root and no waiting for a real time-out.
enum HeldLookup {
    static let name = "held-lookup.invalid"

    private static let beginning = DispatchSemaphore(value: 0)
    private static let permission = DispatchSemaphore(value: 0)
    private static let ending = DispatchSemaphore(value: 0)
    private static let hasEndedFlag = Atomic(false)

    static var hasEnded: Bool { hasEndedFlag.load(ordering: .acquiring) }

    static func waitForBeginning() -> Bool {
        beginning.wait(timeout: .now() + 15) == .success
    }

    static func letGo() -> Bool {
        permission.signal()
        return ending.wait(timeout: .now() + 15) == .success
    }

    /// Bounded, so that a library that waits for its resolver fails the test instead of hanging it.
    fileprivate static func hold() -> CInt {
        beginning.signal()
        _ = permission.wait(timeout: .now() + 5)
        hasEndedFlag.store(true, ordering: .releasing)
        ending.signal()
        return EAI_NONAME
    }
}

private typealias AddressLookup =
    @convention(c) (
        UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<addrinfo>?,
        UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
    ) -> CInt

private let systemLookup: AddressLookup = {
    // RTLD_NEXT, a cast that Swift does not import: the definition that this executable's own one hides.
    let next = UnsafeMutableRawPointer(bitPattern: -1)
    return unsafeBitCast(dlsym(next, "getaddrinfo")!, to: AddressLookup.self)
}()

/// Takes the place of the system's function in the test executable, and so in the libcurl that it loads. Every other
/// name goes on to the system.
@c(getaddrinfo)
public func lookUpAddress(
    _ name: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: UnsafePointer<addrinfo>?,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
) -> CInt {
    if let name, strcmp(name, HeldLookup.name) == 0 { return HeldLookup.hold() }
    return systemLookup(name, service, hints, result)
}
