#include "strata/cli/help/manual.hpp"

#include <algorithm>

namespace strata::cli {
namespace {

constexpr std::string_view net_more =
    "`kernel` is the operating system's own TCP/IP. `embedded` is two hosts of Strata's on a cable inside the process, "
    "with a gateway from "
    "this machine's loopback ports to them, and from them to whomever this machine reaches, by TCP and by datagrams; "
    "pings "
    "stay inside. It needs no "
    "rights. `tap:IFNAME,addr=A.B.C.D/LEN` is a host of Strata's on "
    "the TAP device "
    "IFNAME, which is made if it is not there; that needs root, or the capability CAP_NET_ADMIN. `addr=` is the "
    "address of Strata's side, "
    "`host=` the address that the kernel's side gets, `gw=` the default route, `mac=` the hardware address, `mtu=` the "
    "longest packet, "
    "and `offload=off` has the kernel cut and checksum what it sends. With `addr=rarp` a RARP server on that link is "
    "asked "
    "for the address, by the hardware address that `mac=` says; the subnet is `addr=rarp/LEN`, or else the class of "
    "the "
    "address. With `addr=dhcp` a DHCP server on that link leases it, and says the default route unless `gw=` does; the "
    "lease is extended as long as the program runs, and given back at its end. With `probe=on` it is asked first "
    "whether another host has the address, which takes six seconds; and "
    "should one claim it later and insist, it is given up. `vlan=` puts the host on a virtual LAN, 1 to 4094: it sends "
    "and takes only frames with that tag (IEEE 802.1Q), with the priority that `pcp=` says, 0 to 7, or with "
    "`pcp=class` "
    "that of each packet's DSCP. The kernel's side has no part in it unless it has an interface for that VLAN too. "
    "`packet:IFNAME,addr=A.B.C.D/LEN` is a host of Strata's on a network interface of this machine's, an Ethernet, "
    "with "
    "an IP address and a hardware address of its own beside the kernel's; it needs CAP_NET_RAW, knows what a TAP knows "
    "but `host=`, and does not reach this machine itself. `tun:IFNAME,addr=A.B.C.D/LEN` is one on a TUN device, which "
    "carries IP packets without Ethernet: `host=`, `gw=`, `mtu=` and `offload=off`. `slip:DEVICE,addr=A.B.C.D/LEN` is "
    "one on a serial line (SLIP), DEVICE being the path of a terminal device: `gw=`, `mtu=` and, in bits a second, "
    "`rate=`.";

const std::vector<Manual>& manuals() {
    static const std::vector<Manual> all{
        {.command = "",
         .description = {"Strata is a TCP/IP stack in user space with the services that people run on it. The program "
                         "serves and fetches "
                         "files, talks and pings, on the kernel's network or on a stack of its own, and joins TAP "
                         "devices by a cable with a "
                         "rate, delay and losses.",
                         "`strata help COMMAND` and the page of each command say more."},
         .options = {},
         .examples = {{"strata serve . --net embedded",
                       "Serves the folder through Strata's own TCP/IP. No rights are needed."},
                      {"strata get http://127.0.0.1:8000/README.md -o copy.md", "Fetches a file from there."},
                      {"strata help get", "Shows what `get` takes."}},
         .files = {{"/dev/net/tun",
                    "Where TAP and TUN devices are made (`--net tap:...`, `--net tun:...` and `strata wire`)."}},
         .exit_status = {}},
        {.command = "serve",
         .description = {"A folder is served over HTTP (with ranges, so that clients can resume) and over a plain "
                         "download protocol, until "
                         "Ctrl-C. Each request is a line on standard output: who asked for what, what came of it, and "
                         "how fast it was. At "
                         "its end the program says what each floor of the stack carried, if it was not the kernel's.",
                         "Nothing outside of the folder is ever read, whatever links and names lead there. At Ctrl-C, "
                         "what can be finished "
                         "within the second is; what is left is cut off. A second Ctrl-C ends it at once."},
         .options =
             {{"--net", net_more},
              {"--run-as",
               "Root's rights, and capabilities, are needed to open ports below 1024, a TAP device and other "
               "people's folders. Once these are open they are given up for good, and the first lines say so. "
               "The user is, by name or number, the one that is named here; else the one who called sudo; else "
               "the folder's owner; else nobody. He has the groups that he always has, or GROUP alone. A folder "
               "that he may not enter is an error; one that he may enter and not list is served to whoever "
               "knows a name. With `--run-as root` all rights are kept. Whoever is not root can name only "
               "himself, and keeps no capabilities either."},
              {"--write",
               "Over HTTP: `PUT` a file, `MKCOL` a folder, and, with `--write=all`, `DELETE`; over FTP `STOR` and "
               "what else it has; over TFTP a file. A file that comes "
               "is in its place when it is whole and on the disk, and not before; of one that breaks off nothing "
               "stays. What is there is left as it is, unless `--write=all` is said. This is for everybody: "
               "whoever reaches the server may write, so choose with `--bind` who that is, or give rights to users "
               "alone (`--users`). Whoever the program "
               "runs as must be able to write in the folder, and has what is written."},
              {"--ftp",
               "Whoever comes logs in as anonymous, with any password, and may what `--write` allows. Data connections "
               "are opened either way (PASV, EPSV; PORT, EPRT), between the server and its client alone. On the "
               "embedded network they come through its gateway. With `--tls` a client may have it all under TLS (`AUTH "
               "TLS`), and "
               "with `--users` log in by name and password there."},
              {"--ftps", "The same, under TLS from the first byte, for clients that know no other way."},
              {"--tftp",
               "For machines that boot and devices that are flashed. Whoever knows a file's name may have it; there is "
               "no listing. With `--write` new files come that way, too."},
              {"--nfs",
               "For `mount -t nfs -o vers=3,nolock,port=2049,mountport=2049 HOST:/ DIR`, `mount -t nfs4 -o "
               "vers=4.0,port=2049 HOST:/ DIR`, or "
               "`nfs://HOST/?nfsport=2049&mountport=2049` in programs with libnfs. Whoever reaches the port may what "
               "`--write` allows, as the user that the program runs as: NFS proves nobody's name. With "
               "`--write` new files may be written by the server's own clients until they are closed to them by a "
               "restart; with `--write=all` everything may."},
              {"--nfs-lease",
               "A client of version 4 says by then that it is still there. After a restart nothing is opened anew and "
               "nothing locked for as long, so that whoever had it before can have it again: short leases make "
               "restarts short, and take more from a client whose network was away for a while."},
              {"--nfs-clients", "Others are not even let connect, and hear nothing."},
              {"--nfs-squash",
               "NFS proves nobody's name: it is said, and believed where `--run-as root` was said. What a user makes "
               "is "
               "his, and he may what the files' modes let him. `root`, the default then: who says that he is root is "
               "nobody. `none`: he is root here. `all`: everybody has the rights of the user that the program runs as, "
               "as without `--run-as root`."},
              {"--rpcbind",
               "Then `mount -t nfs -o vers=3,nolock HOST:/ DIR` needs no port, and `showmount -e HOST` and `rpcinfo "
               "HOST` "
               "are answered. Where port 111 cannot be had, and an rpcbind runs on this machine, that one is told, "
               "and told again when the program ends; where it cannot be told either, who mounts names the port."},
              {"--nfs-key",
               "32 bytes that no one else may read, made if they are not there. Without it each start has a key of its "
               "own, and clients must mount anew. Beside it, in FILE.leases, stands which clients of version 4 had "
               "files "
               "open: they may have them again after a restart."},
              {"--users",
               "`strata users` writes the file; a line of it is name:hash:rights:quota:folder, the hash by scrypt "
               "or another that crypt(5) calls strong. It is read again when it has changed, and refused where others "
               "than its owner may write it. Over HTTP a user says his password by Basic authentication: in a browser "
               "with `https://NAME@HOST:8443/`, in curl with `--user NAME`. Who does not log in is served as ever, by "
               "`--write`, unless `--no-anonymous` is said. Who guesses wrong several times waits longer each time. "
               "The plain download protocol, TFTP and NFS know no users, and are off with `--no-anonymous`."},
              {"--tls",
               "In CERT, behind the server's certificate, may be those that lead to an authority. With `self` a new "
               "one is made at each start: clients can only compare its fingerprint, which the first lines show."},
              {"--keep-free",
               "A file for which there is no room beside that is refused, before it comes where its size is "
               "said."},
              {"--control",
               "By the control socket `strata arp` asks what the stack knows. Its folder is made for its user "
               "alone, and so is the socket. Where it can't be had the program says so, and runs without."}},
         .examples = {{"strata serve .", "Serves the current folder on port 8000 (HTTP) and 8080 (plain downloads)."},
                      {"strata serve ~/public --http 8088 --fetch off --bind 127.0.0.1",
                       "Serves HTTP alone, to this machine alone."},
                      {"sudo strata serve /srv/public --ftp", "Serves FTP too, on port 21: `ftp://HOST/`."},
                      {"sudo strata serve /srv/boot --tftp", "Has machines boot from there, by TFTP on port 69."},
                      {"strata serve ~/inbox --write", "Takes new files: `strata put FILE http://HOST:8000/`."},
                      {"strata serve ~/share --users ~/.config/strata/users --tls self",
                       "Lets users log in at https://HOST:8443/, each with rights of his own."},
                      {"sudo strata serve /srv/www --http 80 --fetch off --run-as www-data",
                       "Opens port 80 as root, and serves as www-data."},
                      {"sudo strata serve . --net tap:strata0,addr=10.9.0.1/24,host=10.9.0.2/24",
                       "Serves from a host of Strata's at http://10.9.0.1/."}},
         .files = {{"/dev/net/tun", "Where a TAP or TUN device is made (`--net tap:...`, `--net tun:...`)."}},
         .exit_status = {}},
        {.command = "get",
         .description =
             {"A file is fetched into FILE.part, and put in place under its name when it is whole: a "
              "program that looks for FILE "
              "never sees half of it. A file that is there is not replaced, unless `--force` is said. The "
              "SHA-256 of what "
              "arrived is printed on standard error.",
              "When a transfer breaks, FILE.part stays, and `--resume` continues it, if the server says "
              "that it still has "
              "that version; else it begins anew and says so.",
              "A name and a password for a server are in the URL, `http://USER:PASSWORD@HOST/`, or in "
              ".netrc; they are told to "
              "that server alone, also when it redirects elsewhere, and never shown. The environment says "
              "by which proxy a server is asked "
              "for: `http_proxy`, `https_proxy`, `all_proxy` (`http://`, `https://`, `socks5://` or "
              "`socks5h://`, HOST, PORT), and "
              "`no_proxy` for whom not. Names of hosts may be written in any script.",
              "By TFTP (`tftp://HOST/NAME`, or with `;mode=netascii` behind it) large blocks and windows are "
              "asked for, and done without where the server knows none. `--resume` compares what is there, "
              "for that protocol knows no versions.",
              "By FTP (`ftp://HOST/PATH`; `ftpes://` under TLS that is asked for, `ftps://` from the first byte) one "
              "logs in as anonymous, or as the URL says; the path is meant from the folder that one is in then, and "
              "`/%2Fetc` is /etc. With `;type=a` behind it the ends of lines are translated.",
              "By NFS (`nfs://HOST/EXPORT/PATH`) version 3 is spoken, or version 4.0 with `?version=4` behind it, or "
              "where a server has no version 3. Of version 3 the server says which part of the path is the export, and "
              "rpcbind is asked where MOUNT is not at the port; version 4 begins at the server's root. Behind a `?`, "
              "with `&` between them, may be `version=3` or `4`, `transport=udp`, `mountport=PORT`, and `uid=N` and "
              "`gid=N`: one says to be who runs the program, unless "
              "they say otherwise. Symbolic links are followed within the export."},
         .options =
             {{"--net", net_more},
              {"-o", "With several URLs a folder, or - for all of them one after the other."},
              {"--retry",
               "Network errors and the answers 408, 429, 500, 502, 503 and 504 may pass. It waits 1, 2, 4 seconds and "
               "so on, up to "
               "a minute, or as long as the server asks, up to five, and continues behind what has arrived."},
              {"--limit-rate", "K, M and G are 1,024 times more each."},
              {"--blksize",
               "A block that does not fit into one packet is sent in fragments; one that is lost costs the block."},
              {"--mode", "Or behind the name: `tftp://HOST/NAME;mode=netascii`."},
              {"--cacert",
               "Without it the system's store is asked, where `SSL_CERT_FILE` and `SSL_CERT_DIR` may name another."}},
         .examples = {{"strata get http://127.0.0.1:8000/mosaic.png", "Saves mosaic.png here."},
                      {"strata get http://127.0.0.1:8000/mosaic.png --resume", "Continues where it broke off."},
                      {"strata get https://example.org/a.iso https://example.org/b.iso -o isos/ --retry 5",
                       "Saves both in a folder, and tries again what breaks."},
                      {"strata get fetch://127.0.0.1:8080/welcome.txt -o - | less", "Writes to standard output."},
                      {"strata get ftpes://ann@example.org/a.iso --resume", "Continues by FTP, under TLS."},
                      {"strata get tftp://10.0.0.1/firmware.bin --net embedded",
                       "Fetches by TFTP, through Strata's own stack."},
                      {"strata get 'nfs://10.0.0.1/export/a.iso?uid=1000' --parts 4", "Fetches four pieces at once."}},
         .files = {{"FILE.part", "What has arrived so far."},
                   {"FILE.part.version",
                    "Which version that is of, as the server named it; `--resume` asks for the same."},
                   {"~/.netrc", "Names and passwords of hosts."}},
         .exit_status = {}},
        {.command = "put",
         .description =
             {"Files are sent to a server: by HTTP (PUT) to `strata serve --write` and servers like it, by FTP, by "
              "TFTP, by NFS, or to "
              "a "
              "folder of this machine. The server gives a file its name when it has it whole; of what breaks off it "
              "keeps nothing, if it is ours. A file that is there is not replaced, unless `--force` is said and the "
              "server allows it; servers of TFTP decide that themselves. By NFS it is NAME.part there until it is "
              "whole, and "
              "stays that when the transfer breaks off: `--resume` goes on with it.",
              "With a '/' at the end of the URL, or with several files, they are sent into that folder. With `-r` a "
              "folder is, with all that is in it; links to folders are left out. `-` is standard input: its length "
              "need not be known.",
              "What `get` reads of the environment and of .netrc, `put` reads, too."},
         .options =
             {{"--net", net_more},
              {"--retry",
               "Network errors and the answers 408, 429, 500, 502, 503 and 504 may pass; each time the file is sent "
               "from its beginning. What came by standard input cannot be sent again."},
              {"--limit-rate", "K, M and G are 1,024 times more each."},
              {"--mode", "Or behind the name: `tftp://HOST/NAME;mode=netascii`."}},
         .examples = {{"strata put photo.jpg http://127.0.0.1:8000/", "Puts it there under its name."},
                      {"strata put -r photos https://example.org/2026/ --retry 5",
                       "Sends a folder, and tries again what breaks."},
                      {"tar c . | strata put - http://127.0.0.1:8000/all.tar", "Sends what a program writes."},
                      {"strata put running-config tftp://10.0.0.1/router.cfg", "Keeps a device's configuration."}},
         .files = {{"~/.netrc", "Names and passwords of hosts."}},
         .exit_status = {}},
        {.command = "ls",
         .description =
             {"What is in a folder of a server is listed: of a server of HTTP that lists in JSON, as `strata serve` "
              "does, of a server of FTP or NFS, or of this machine. Pages that are meant for people are not guessed "
              "at. A "
              "file is listed as "
              "itself. In names, what a terminal would obey is shown as '?'."},
         .options = {{"--net", net_more}},
         .examples = {{"strata ls http://127.0.0.1:8000/", "Shows the names of what is served."},
                      {"strata ls -l http://127.0.0.1:8000/photos/", "With sizes and dates."},
                      {"strata ls --json http://127.0.0.1:8000/ | jq -r '.entries[].name'", "For programs."}},
         .files = {{"~/.netrc", "Names and passwords of hosts."}},
         .exit_status = {}},
        {.command = "talk",
         .description = {"Text travels over TCP, UDP or a Unix socket. `listen` waits for others, `connect` calls one. "
                         "Without `--message`, "
                         "`--reply` and `--once` it is interactive: a line that is typed is sent, what arrives is "
                         "shown with who said it.",
                         "A TCP listener answers one of its clients with `@2 text`, where 2 is the number it was "
                         "introduced with; a UDP "
                         "talker reaches any address with `@10.0.0.7:8080 text`."},
         .options = {{"--net", net_more}},
         .examples = {{"strata talk listen tcp://0.0.0.0:7000", "Waits for people to talk with."},
                      {"strata talk connect tcp://127.0.0.1:7000", "Talks with them."},
                      {"strata talk listen udp://127.0.0.1:7000 --reply received", "Answers each datagram."},
                      {"strata talk connect unix:/run/service.sock --message status --timeout 2",
                       "Asks a service, prints its answer, and gives up after two seconds."}},
         .files = {},
         .exit_status = {}},
        {.command = "ping",
         .description =
             {"ICMP echo requests are sent to a host, and what comes back is shown with the time it took, until Ctrl-C "
              "or `-c` "
              "answers; then a summary. An answer that comes twice, from another address, or late is shown as such."},
         .options = {{"--net", net_more}},
         .examples = {{"strata ping 127.0.0.1 -c 3", "Asks three times."},
                      {"sudo strata ping 10.9.0.2 --net tap:strata0,addr=10.9.0.1/24,host=10.9.0.2/24",
                       "Asks the kernel, from a host of Strata's."}},
         .files = {{"/proc/sys/net/ipv4/ping_group_range",
                    "Which groups may ping on the kernel's network without root."}},
         .exit_status = {{"0", "At least one answer came."}, {"1", "No answer came, or it failed."}}},
        {.command = "traceroute",
         .description =
             {"Probes leave for a host that may be forwarded once, then twice, and so on. The router where that is "
              "over "
              "says so, and is shown with the time its answer took, or `*` where none comes. It ends with the host, "
              "or where somebody says that no probe comes further: `!N` the network, `!H` the host is "
              "unreachable, `!P` it has no such protocol, `!X` it is prohibited, `!F-1400` only 1,400 bytes fit, `!S` "
              "a "
              "source route "
              "failed, `!V` and `!C` of precedence, `!<12>` another code of `unreachable`, `!<4-0>` another message.",
              "With `--mtu`, `F=1400` stands where probes had to be made so short to come so far, header and all."},
         .options = {{"--net", net_more}},
         .examples = {{"strata traceroute 127.0.0.1", "There is no router on the way to oneself."},
                      {"strata traceroute -T -p 443 -n example.org", "Goes the way of those who visit a web server."},
                      {"sudo strata traceroute --mtu 10.9.0.2 --net tap:strata0,addr=10.9.0.1/24,host=10.9.0.2/24",
                       "Goes from a host of Strata's to the kernel."}},
         .files = {{"/proc/sys/net/ipv4/ping_group_range",
                    "Which groups may use `-I` on the kernel's network without root."}},
         .exit_status = {{"0", "The host was reached."}, {"1", "It was not, or it failed."}}},
        {.command = "wire",
         .description = {"Two TAP devices of the kernel's are joined by a cable, for machines whose kernel has no "
                         "netem. Frames are carried "
                         "whole and unread. Give the devices addresses, or move them into namespaces (`ip link set A "
                         "netns ...`), while it "
                         "runs. At its end it says what each way carried, lost and dropped.",
                         "A share is a number and %, a time is a number and us, ms or s, a rate is a number and bit, "
                         "kbit, Mbit or Gbit."},
         .options = {},
         .examples = {{"sudo strata wire tap:a tap:b --rate 256kbit --delay 20ms --loss 1%",
                       "Joins a and b by a slow line that loses one frame in a hundred."},
                      {"sudo strata wire tap:a tap:b --loss 5% --seed 7",
                       "Loses the same frames each time it is run."}},
         .files = {{"/dev/net/tun", "Where the TAP devices are made."}},
         .exit_status = {}},
        {.command = "arp",
         .description = {"A running `strata serve` is asked, by its control socket, which hardware addresses its stack "
                         "knows: of which host, on which interface, in which state (those of RFC 4861, or permanent), "
                         "and for how long. One on the kernel's network answers that `ip neigh` tells it.",
                         "Only the user that it was started by may ask, and root."},
         .options = {{"--of",
                      "Without it the only process whose socket is in the folder is asked: $XDG_RUNTIME_DIR/strata, "
                      "else /run/strata for root, else /tmp/strata-UID."}},
         .examples = {{"sudo strata arp", "Asks the only one that root runs."},
                      {"strata arp --of 4711", "Asks process 4711."}},
         .files = {{"/run/strata/PID", "The control socket of a `strata serve` that root started."}},
         .exit_status = {}},
        {.command = "arping",
         .description =
             {"Whoever has an address on the link of a host of Strata's is asked for by ARP, which also hosts "
              "answer that answer no ping. With `-D` it is asked whether the address is free, as a host asks "
              "that would like to have it (RFC 5227), and whoever uses it is shown."},
         .options = {{"--net", net_more}},
         .examples = {{"sudo strata arping 10.9.0.2 -c 3 --net tap:strata0,addr=10.9.0.1/24,host=10.9.0.2/24",
                       "Asks the kernel three times for its hardware address."},
                      {"sudo strata arping -D 10.9.0.9 --net tap:strata0,addr=10.9.0.1/24,host=10.9.0.2/24",
                       "Says whether 10.9.0.9 is free."}},
         .files = {{"/dev/net/tun", "Where the TAP device is made."}},
         .exit_status = {{"0", "Somebody answered; with -D, nobody has the address."},
                         {"1", "Nobody answered, or it failed; with -D, somebody has the address."}}},
        {.command = "rarp",
         .description =
             {"`rarp serve FILE` tells machines that know only their hardware address which IP address is theirs (RFC "
              "903), until Ctrl-C. Each line of FILE has a hardware address, and an IP address or a name that "
              "/etc/hosts knows; # begins a comment. It is read again when it has changed; a file with a wrong line "
              "changes nothing, and the line is named.",
              "`rarp query` asks for the address of this host's own hardware address, and prints it. A network with "
              "`addr=rarp` has its address so."},
         .options = {{"--net", net_more}},
         .examples = {{"sudo strata rarp serve /etc/ethers --net tap:strata0,addr=10.9.0.1/24,host=10.9.0.2/24",
                       "Answers on the link of strata0."},
                      {"sudo strata rarp query --net tap:strata0,addr=rarp,mac=02:00:00:00:00:07",
                       "Asks which address 02:00:00:00:00:07 has."}},
         .files = {{"/etc/ethers", "Which machine has which address: ethers(5)."},
                   {"/etc/hosts", "Which address a name has."}},
         .exit_status = {}},
        {.command = "dhcp",
         .description =
             {"`dhcp serve RANGE...` leases the addresses of the ranges to machines on a link (RFC 2131), until "
              "Ctrl-C, "
              "and says whom each is given. The subnet that they are told is the one of the server's own address. With "
              "`--boot-file` machines boot over the network (PXE): they fetch the file by TFTP from `--next-server`. "
              "Leases are kept in memory: a server that begins anew believes clients that extend theirs.",
              "`dhcp query` asks which servers there are, prints what each would give, and takes nothing. A network "
              "with "
              "`addr=dhcp` has its address so.",
              "On the kernel's network both need root, for the ports 67 and 68, and `--interface`. The embedded "
              "network "
              "has nobody to ask."},
         .options = {{"--net", net_more},
                     {"--lease", "A client extends its lease when half of it is over."},
                     {"--boot-file",
                      "ARCH is what the client says of itself in option 93: `bios` is 0, `efi32` 6, `efi64` 7 and 9, "
                      "`arm32` 10, `arm64` 11. Without ARCH it is for all others."}},
         .examples = {{"sudo strata dhcp serve 10.9.0.100-10.9.0.199 --router 10.9.0.1 --dns 9.9.9.9 --interface eth0",
                       "Leases a hundred addresses on the kernel's eth0, whose own address is in 10.9.0.0/24."},
                      {"sudo strata dhcp serve 10.9.0.100-10.9.0.199 --boot-file undionly.kpxe --boot-file "
                       "efi64=grubx64.efi --net tap:strata0,addr=10.9.0.1/24",
                       "Has PCs boot over the network, each what it can run."},
                      {"sudo strata dhcp serve --host 02:00:00:00:00:07=10.9.0.7 --interface eth0",
                       "Gives one machine its address, and nobody else one."},
                      {"sudo strata dhcp query --interface eth0", "Shows which servers answer on eth0."},
                      {"sudo strata ping 10.9.0.1 --net tap:strata0,addr=dhcp",
                       "Pings with an address that is leased."}},
         .files = {{"/dev/net/tun", "Where a TAP device is made (`--net tap:...`)."}},
         .exit_status = {}},
        {.command = "multicast",
         .description =
             {"`multicast join GROUP` tells the link's routers, and switches that listen to them, that the group is "
              "wanted (IGMP, in the version that they speak), and prints each datagram that is sent to it with its "
              "sender. With `--source` only that sender's are wanted, which IGMP version 3 can say. Several programs "
              "may have the port.",
              "`multicast send GROUP` sends a text to the group, one a second with `-c`. It does not leave the link "
              "unless `-t` says more than 1. Members on this host hear it too."},
         .options = {{"--net", net_more}},
         .examples = {{"strata multicast join 239.1.2.3:5000", "Prints what others send to the group."},
                      {"strata multicast send 239.1.2.3:5000 --message 'anybody here?'", "Sends a text to it."},
                      {"sudo strata multicast join 232.1.2.3 --source 10.9.0.2 --net "
                       "tap:strata0,addr=10.9.0.1/24,host=10.9.0.2/24",
                       "Hears what the kernel at 10.9.0.2 sends to the group."}},
         .files = {},
         .exit_status = {}},
        {.command = "users",
         .description = {"A file of users is written for `strata serve --users`: who may log in, in which folder, with "
                         "which rights. A password is asked for twice on a terminal, or read from the first line of "
                         "standard input; it is kept hashed by scrypt. A server that runs sees the change.",
                         "Whoever is there already gets another password, and keeps what is not said anew. The file is "
                         "made for its owner alone, and must be readable by whom `serve` runs as. Its comments and "
                         "other lines stay as they are."},
         .options = {{"--rights",
                      "`read`: whatever is there; `add`: also new files and folders; `all`: also replace, rename and "
                      "remove. It is the user's, whatever `--write` gives to everybody."},
                     {"--folder",
                      "Names in it are not followed out of it. Where everybody may read the served folder, everybody "
                      "may read what is beneath it, too: what is private is elsewhere, or served with "
                      "`--no-anonymous`."}},
         .examples = {{"strata users add ann --rights all --folder ann", "Asks for her password, and adds her."},
                      {"pwgen 20 1 | tee password | strata users add scanner --rights add --quota 2G",
                       "Adds a machine that may bring new files."},
                      {"strata users list", "Shows who may log in."}},
         .files = {{"~/.config/strata/users", "The file, unless `--file` names another."}},
         .exit_status = {}},
        {.command = "help",
         .description = {"Without a command it lists the commands; with one it shows what that command takes. The man "
                         "pages and the shells' "
                         "completions are made from the same definitions, and can be printed."},
         .options = {},
         .examples = {{"strata help get", "Shows what `get` takes."},
                      {"strata help get --man | man -l -", "Reads the man page of `get` where none is installed."},
                      {"source <(strata help --completion bash)", "Completes commands and options in this shell."}},
         .files = {},
         .exit_status = {}},
    };
    return all;
}

}  // namespace

const Manual& manual_of(std::string_view command) {
    static const Manual none{};
    const auto found = std::ranges::find(manuals(), command, &Manual::command);
    return found == manuals().end() ? none : *found;
}

const std::vector<Note>& exit_status_of_all() {
    static const std::vector<Note> all{
        {"0", "It was done."},
        {"1", "It failed; one sentence on standard error says what, and what to do."},
        {"2", "It was called wrongly; one sentence on standard error says how to call it."},
        {"130", "It was ended by Ctrl-C before it was done."}};
    return all;
}

}  // namespace strata::cli
