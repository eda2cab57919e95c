# The page's files become a C file, made again whenever one of them changes.
file(GLOB page_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/dashboard/web/*)
set(page_output ${CMAKE_BINARY_DIR}/generated/dashboard/page_assets.c)
add_custom_command(OUTPUT ${page_output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${page_output} -P ${CMAKE_SOURCE_DIR}/dashboard/embed.cmake -- ${page_files}
    DEPENDS ${page_files} ${CMAKE_SOURCE_DIR}/dashboard/embed.cmake
    COMMENT "Embedding the dashboard's page" VERBATIM)
target_sources(room_${name} PRIVATE ${page_output})
