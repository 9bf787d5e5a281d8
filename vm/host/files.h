/* SPDX-License-Identifier: GPL-2.0 */
/* Folders and whole files. */
#ifndef VM_FILES_H
#define VM_FILES_H

/* Removes a folder and the files in it; what is not there is no error. */
void remove_folder(const char *path);

/* Writes a file under another name first, so that nobody sees half; 0 or -1. */
int write_file(const char *path, const char *text);

#endif
