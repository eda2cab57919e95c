# Warnings and hardening for every target of the project.
add_compile_options(-Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
                    -Wvla -Wwrite-strings -Wpointer-arith -Wimplicit-fallthrough)
if(BERTH_WERROR)
    add_compile_options(-Werror)
endif()
# GNU and POSIX interfaces: pidfd, pipe2, posix_spawn.
add_compile_definitions(_GNU_SOURCE)

if(BERTH_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
else()
    # The program's functions stay its own. Libraries look names up in it first, and one that is loaded
    # later may bring its own copy of what is linked statically here. (A sanitizer's have to be found.)
    add_link_options(-Wl,--exclude-libs,ALL)
endif()
if(BERTH_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE MATCHES "Rel" AND NOT BERTH_SANITIZE)
    add_compile_options(-D_FORTIFY_SOURCE=2)
endif()

add_compile_options(-fstack-protector-strong)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
# Lazy libraries would save nothing here, and full RELRO needs -z now.
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,--as-needed)
