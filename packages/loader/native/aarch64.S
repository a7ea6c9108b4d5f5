/*
 * Entry points for AArch64 (AAPCS64, and Linux's convention for system calls).
 *
 * start   where the kernel starts the program. sp points to argc and is a multiple of 16. What is on the stack must stay.
 *         ld.so expects x0 to be no function to call at exit.
 * resume  where ld.so believes the program to start: x0 is its function to call at exit, which the program must get.
 * hook    called in place of a system call instruction by a thunk, which has saved x29 and x30: the number is in x8,
 *         arguments in x0 to x5. Like the kernel it changes x0 only. What C code may change is saved; it is compiled
 *         without vector registers, and keeps x19 to x29 itself.
 */
  .text

  .globl start
start:
  mov x19, sp
  mov x0, sp
  bl prepare
  mov sp, x19
  mov x16, x0
  mov x0, #0
  br x16

  .globl resume
resume:
  mov x20, x0
  mov x0, sp
  bl finish
  mov x16, x0
  mov x0, x20
  br x16

  .globl hook
hook:
  sub sp, sp, #176
  /* The first seven words are the array that answer takes. */
  stp x8, x0, [sp]
  stp x1, x2, [sp, #16]
  stp x3, x4, [sp, #32]
  stp x5, x6, [sp, #48]
  stp x7, x9, [sp, #64]
  stp x10, x11, [sp, #80]
  stp x12, x13, [sp, #96]
  stp x14, x15, [sp, #112]
  stp x16, x17, [sp, #128]
  stp x18, x30, [sp, #144]
  mrs x9, nzcv
  str x9, [sp, #160]
  mov x0, sp
  bl answer
  ldr x9, [sp, #160]
  msr nzcv, x9
  ldr x8, [sp]
  ldp x1, x2, [sp, #16]
  ldp x3, x4, [sp, #32]
  ldp x5, x6, [sp, #48]
  ldp x7, x9, [sp, #64]
  ldp x10, x11, [sp, #80]
  ldp x12, x13, [sp, #96]
  ldp x14, x15, [sp, #112]
  ldp x16, x17, [sp, #128]
  ldp x18, x30, [sp, #144]
  add sp, sp, #176
  ret

  .section .note.GNU-stack, "", @progbits
