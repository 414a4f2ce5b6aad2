import CMicroHTTPD
import CCurlShim
import CSQLite
import CLinux
import Glibc
public func probe() { _ = cmhd_size_unknown; _ = curl_multi_init(); _ = sqlite3_libversion(); _ = epoll_create1(0); _ = EPOLLRDHUP; _ = EPOLLIN.rawValue; _ = EPOLLET
 let x: UInt32 = EPOLLET.rawValue; print(x); _ = CURL_CSELECT_ERR; _ = CURL_SOCKET_TIMEOUT; _ = signalfd(-1,nil,0) }
